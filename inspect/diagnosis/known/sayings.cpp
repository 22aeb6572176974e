// The table of what other programs say.
#include <algorithm>
#include <array>

#include "inspect/diagnosis/known/other_clients.h"

namespace inspect::diagnosis {

namespace {

using enum Voice;
using enum When;

constexpr Saying says(Code code, When when, Voice voice, std::string_view text, std::string_view error = "") {
    return {code, when, voice, false, text, error};
}
constexpr Saying says(Code code, Voice voice, std::string_view text, std::string_view error = "") {
    return {code, always, voice, false, text, error};
}
constexpr Saying accepts(Code code, When when, Voice voice, std::string_view why = "") {
    return {code, when, voice, true, why, ""};
}
constexpr Saying accepts(Code code, Voice voice, std::string_view why = "") {
    return {code, always, voice, true, why, ""};
}

constexpr std::string_view no_path =
    "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to "
    "find valid certification path to requested target";
constexpr std::string_view unknown_authority = "x509: certificate signed by unknown authority";
constexpr std::string_view wrong_authority =
    "x509: certificate signed by unknown authority (possibly because of \"…\" while trying to verify candidate authority certificate "
    "\"…\")";
constexpr std::string_view bad_signature_in_java =
    "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check "
    "failed";
// curl prints what OpenSSL noted first, which is the lower library's complaint.
constexpr std::string_view rsa_failed = "curl: (35) … error:020000…:rsa routines::…";
constexpr std::string_view signature_failed = "curl: (35) … error:06880006:asn1 encoding routines::EVP lib";
constexpr std::string_view bad_signature_in_python =
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate signature failure";
constexpr std::string_view unknown_issuer = "invalid peer certificate: UnknownIssuer";

constexpr auto table = std::to_array<Saying>({
    // Reaching the server
    says(Code::dns_not_found, curl, "curl: (6) Could not resolve host: {host}"),
    says(Code::dns_not_found, node, "getaddrinfo ENOTFOUND {host}", "ENOTFOUND"),
    says(Code::dns_not_found, python, "[Errno -2] Name or service not known"),
    says(Code::dns_not_found, java, "java.net.UnknownHostException: {host}"),
    says(Code::dns_not_found, go, "lookup {host}…: no such host"),
    says(Code::dns_not_found, chrome, "ERR_NAME_NOT_RESOLVED"),
    says(Code::dns_failed, curl, "curl: (6) Could not resolve host: {host}"),
    says(Code::dns_failed, node, "getaddrinfo EAI_AGAIN {host}", "EAI_AGAIN"),
    says(Code::dns_failed, python, "[Errno -3] Temporary failure in name resolution"),
    says(Code::dns_failed, chrome, "ERR_NAME_NOT_RESOLVED"),
    says(Code::connection_refused, curl,
         "curl: (7) Failed to connect to {host} port {port} after … ms: Couldn't connect to server"),
    says(Code::connection_refused, node, "connect ECONNREFUSED {address}", "ECONNREFUSED"),
    says(Code::connection_refused, python, "[Errno 111] Connection refused"),
    says(Code::connection_refused, java, "java.net.ConnectException: Connection refused"),
    says(Code::connection_refused, go, "dial tcp {address}: connect: connection refused"),
    says(Code::connection_refused, chrome, "ERR_CONNECTION_REFUSED"),
    says(Code::connection_timeout, curl, "curl: (28) Connection timeout after … ms"),
    says(Code::connection_timeout, node, "connect ETIMEDOUT {address}", "ETIMEDOUT"),
    says(Code::connection_timeout, chrome, "ERR_CONNECTION_TIMED_OUT"),
    says(Code::upstream_proxy_refused, curl, "curl: (56) CONNECT tunnel failed, response …"),
    says(Code::upstream_proxy_refused, chrome, "ERR_TUNNEL_CONNECTION_FAILED"),

    // The handshake
    says(Code::not_tls, curl, "curl: (35) … error:0A00010B:SSL routines::wrong version number"),
    says(Code::not_tls, node, "write EPROTO …:error:0A00010B:SSL routines:…:wrong version number:…", "EPROTO"),
    says(Code::not_tls, python, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    says(Code::not_tls, java, "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message"),
    says(Code::not_tls, http, go, "http: server gave HTTP response to HTTPS client"),
    says(Code::not_tls, go, "tls: first record does not look like a TLS handshake"),
    says(Code::not_tls, rustls, "received corrupt message of type InvalidContentType"),
    says(Code::not_tls, chrome, "ERR_SSL_PROTOCOL_ERROR"),
    says(Code::not_tls, firefox, "SSL_ERROR_RX_RECORD_TOO_LONG"),
    says(Code::connection_closed, reset, curl, "curl: (35) Recv failure: Connection reset by peer"),
    says(Code::connection_closed, reset, node, "read ECONNRESET", "ECONNRESET"),
    says(Code::connection_closed, reset, python, "[Errno 104] Connection reset by peer"),
    says(Code::connection_closed, reset, java, "java.net.SocketException: Connection reset"),
    says(Code::connection_closed, reset, go, "read: connection reset by peer"),
    says(Code::connection_closed, reset, chrome, "ERR_CONNECTION_RESET"),
    says(Code::connection_closed, curl,
         "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to {host}:{port}"),
    says(Code::connection_closed, node,
         "Client network socket disconnected before secure TLS connection was established", "ECONNRESET"),
    says(Code::connection_closed, python, "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"),
    says(Code::connection_closed, java, "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake"),
    says(Code::connection_closed, go, "EOF"),
    says(Code::connection_closed, chrome, "ERR_CONNECTION_CLOSED"),
    says(Code::handshake_timeout, go, "net/http: TLS handshake timeout"),
    says(Code::handshake_timeout, chrome, "ERR_CONNECTION_TIMED_OUT"),
    says(Code::protocol_version, obsolete_version, curl,
         "curl: (35) … error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported"),  // it offers TLS 1.0 too
    says(Code::protocol_version, curl, "curl: (35) … error:0A00042E:SSL routines::tlsv1 alert protocol version"),
    says(Code::protocol_version, node, "write EPROTO …:error:0A00042E:SSL routines:…:tlsv1 alert protocol version:…",
         "EPROTO"),
    says(Code::protocol_version, python, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version"),
    says(Code::protocol_version, java, "javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version"),
    says(Code::protocol_version, go, "remote error: tls: protocol version not supported"),
    says(Code::protocol_version, rustls, "received fatal alert: ProtocolVersion"),
    says(Code::protocol_version, chrome, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    says(Code::protocol_version, firefox, "SSL_ERROR_PROTOCOL_VERSION_ALERT"),
    says(Code::no_shared_cipher, curl, "curl: (35) … error:0A000410:SSL routines::sslv3 alert handshake failure"),
    says(Code::no_shared_cipher, node, "write EPROTO …:error:0A000410:SSL routines:…:sslv3 alert handshake failure:…",
         "EPROTO"),
    says(Code::no_shared_cipher, python, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure"),
    says(Code::no_shared_cipher, java, "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure"),
    says(Code::no_shared_cipher, go, "remote error: tls: handshake failure"),
    says(Code::no_shared_cipher, rustls, "received fatal alert: HandshakeFailure"),
    says(Code::no_shared_cipher, chrome, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    says(Code::no_shared_cipher, firefox, "SSL_ERROR_HANDSHAKE_FAILURE_ALERT"),
    says(Code::sni_unrecognized, curl, "curl: (35) … error:0A000458:SSL routines::tlsv1 unrecognized name"),
    says(Code::sni_unrecognized, node, "write EPROTO …:error:0A000458:SSL routines:…:tlsv1 unrecognized name:…",
         "EPROTO"),
    says(Code::sni_unrecognized, python, "[SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name"),
    says(Code::sni_unrecognized, java, "javax.net.ssl.SSLHandshakeException: Received fatal alert: unrecognized_name"),
    says(Code::sni_unrecognized, go, "remote error: tls: unrecognized name"),
    says(Code::sni_unrecognized, rustls, "received fatal alert: UnrecognisedName"),
    says(Code::sni_unrecognized, chrome, "ERR_SSL_UNRECOGNIZED_NAME_ALERT"),
    says(Code::sni_unrecognized, firefox, "SSL_ERROR_UNRECOGNIZED_NAME_ALERT"),
    says(Code::client_certificate_required, demanded, curl,
         "curl: (56) OpenSSL SSL_read: … error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0"),
    says(Code::client_certificate_required, demanded, node,
         "error:0A00045C:SSL routines:…:tlsv13 alert certificate required:…",
         "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
    says(Code::client_certificate_required, demanded, python,
         "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"),
    says(Code::client_certificate_required, demanded, java,
         "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required"),
    says(Code::client_certificate_required, demanded, go, "remote error: tls: certificate required"),
    says(Code::client_certificate_required, curl,
         "curl: (35) … error:0A000410:SSL routines::sslv3 alert handshake failure"),
    says(Code::client_certificate_required, node,
         "write EPROTO …:error:0A000410:SSL routines:…:sslv3 alert handshake failure:…", "EPROTO"),
    says(Code::client_certificate_required, python,
         "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure"),
    says(Code::client_certificate_required, java,
         "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure"),
    says(Code::client_certificate_required, go, "remote error: tls: handshake failure"),
    says(Code::client_certificate_required, chrome, "ERR_BAD_SSL_CLIENT_AUTH_CERT"),
    says(Code::client_certificate_rejected, node, "…:error:0A000418:SSL routines:…:tlsv1 alert unknown ca:…"),
    says(Code::client_certificate_rejected, go, "remote error: tls: unknown certificate authority"),
    says(Code::client_certificate_rejected, chrome, "ERR_BAD_SSL_CLIENT_AUTH_CERT"),
    says(Code::no_shared_alpn, curl, "curl: (35) … error:0A000460:SSL routines::tlsv1 alert no application protocol"),
    says(Code::no_shared_alpn, node,
         "write EPROTO …:error:0A000460:SSL routines:…:tlsv1 alert no application protocol:…", "EPROTO"),
    says(Code::no_shared_alpn, python, "[SSL] tlsv1 alert no application protocol"),
    says(Code::no_shared_alpn, java,
         "javax.net.ssl.SSLHandshakeException: Received fatal alert: no_application_protocol"),
    says(Code::no_shared_alpn, go, "remote error: tls: no application protocol"),
    says(Code::no_shared_alpn, chrome, "ERR_ALPN_NEGOTIATION_FAILED"),
    says(Code::weak_dh, curl, "curl: (35) … error:0A00018A:SSL routines::dh key too small"),
    says(Code::weak_dh, node, "write EPROTO …:error:0A00018A:SSL routines:…:dh key too small:…", "EPROTO"),
    says(Code::weak_dh, python, "[SSL: DH_KEY_TOO_SMALL] dh key too small"),
    says(Code::weak_dh, java,
         "javax.net.ssl.SSLHandshakeException: DH ServerKeyExchange does not comply to algorithm constraints"),

    // The certificate: its names
    accepts(Code::hostname_mismatch, only_common_name, curl, "it takes the common name"),
    accepts(Code::hostname_mismatch, only_common_name, node, "it takes the common name"),
    accepts(Code::hostname_mismatch, only_common_name, python, "it takes the common name"),
    accepts(Code::hostname_mismatch, only_common_name, java, "it takes the common name"),
    says(Code::hostname_mismatch, only_common_name, go,
         "x509: certificate is not valid for any names, but wanted to match {host}"),
    accepts(Code::hostname_mismatch, partial_wildcard, node, "it takes a wildcard that is a part of a label"),
    accepts(Code::hostname_mismatch, partial_wildcard, java, "it takes a wildcard that is a part of a label"),
    says(Code::hostname_mismatch, curl,
         "curl: (60) SSL: no alternative certificate subject name matches target host name '{host}'"),
    says(Code::hostname_mismatch, address_listed, node,
         "Hostname/IP does not match certificate's altnames: IP: {host} is not in the cert's list: {addresses}",
         "ERR_TLS_CERT_ALTNAME_INVALID"),
    says(Code::hostname_mismatch, address_unlisted, node,
         "Hostname/IP does not match certificate's altnames: IP: {host} is not in the cert's list:",
         "ERR_TLS_CERT_ALTNAME_INVALID"),
    says(Code::hostname_mismatch, node,
         "Hostname/IP does not match certificate's altnames: Host: {host}. is not in the cert's altnames: {altnames}",
         "ERR_TLS_CERT_ALTNAME_INVALID"),
    says(
        Code::hostname_mismatch, address_listed, python,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '{host}'."),
    says(
        Code::hostname_mismatch, address_unlisted, python,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '{host}'."),
    says(
        Code::hostname_mismatch, python,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for '{host}'."),
    says(Code::hostname_mismatch, address_listed, java,
         "javax.net.ssl.SSLHandshakeException: No subject alternative names matching IP address {host} found"),
    says(Code::hostname_mismatch, address_unlisted, java,
         "javax.net.ssl.SSLHandshakeException: No subject alternative names matching IP address {host} found"),
    says(Code::hostname_mismatch, java,
         "javax.net.ssl.SSLHandshakeException: No subject alternative DNS name matching {host} found."),
    says(Code::hostname_mismatch, address_unlisted, go,
         "x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"),
    says(Code::hostname_mismatch, address_listed, go, "x509: certificate is valid for {addresses}, not {host}"),
    says(Code::hostname_mismatch, unreadable_name, go,
         "tls: failed to parse certificate from server: x509: SAN dNSName is malformed"),
    says(Code::hostname_mismatch, go, "x509: certificate is valid for {names}, not {host}"),
    says(Code::hostname_mismatch, rustls,
         "invalid peer certificate: certificate not valid for name \"{host}\"; certificate is only valid for …"),
    says(Code::hostname_mismatch, chrome, "NET::ERR_CERT_COMMON_NAME_INVALID"),
    says(Code::hostname_mismatch, firefox, "SSL_ERROR_BAD_CERT_DOMAIN"),
    accepts(Code::no_subject_alt_name, own_common_name, curl, "it takes the common name"),
    accepts(Code::no_subject_alt_name, own_common_name, node, "it takes the common name"),
    accepts(Code::no_subject_alt_name, own_common_name, python, "it takes the common name"),
    accepts(Code::no_subject_alt_name, own_common_name, java, "it takes the common name"),
    says(Code::no_subject_alt_name, own_common_name, go,
         "x509: certificate relies on legacy Common Name field, use SANs instead"),
    says(Code::no_subject_alt_name, other_common_name, curl,
         "curl: (60) SSL: certificate subject name '{common_name}' does not match target host name '{host}'"),
    says(Code::no_subject_alt_name, other_common_name, node,
         "Hostname/IP does not match certificate's altnames: Host: {host}. is not cert's CN: {common_name}",
         "ERR_TLS_CERT_ALTNAME_INVALID"),
    says(
        Code::no_subject_alt_name, other_common_name, python,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for '{host}'."),
    says(Code::no_subject_alt_name, other_common_name, java,
         "javax.net.ssl.SSLHandshakeException: No name matching {host} found"),
    says(Code::no_subject_alt_name, chrome, "NET::ERR_CERT_COMMON_NAME_INVALID"),
    says(Code::no_subject_alt_name, firefox, "SSL_ERROR_BAD_CERT_DOMAIN"),

    // … its dates
    accepts(Code::expired, anchor, java, "it does not look at a root's dates"),
    says(Code::expired, openssl, "certificate has expired", "CERT_HAS_EXPIRED"),
    says(
        Code::expired, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check "
        "failed"),
    says(Code::expired, go, "x509: certificate has expired or is not yet valid: current time … is after {not_after}"),
    says(
        Code::expired, rustls,
        "invalid peer certificate: certificate expired: verification time … (UNIX), but certificate is not valid after … (… seconds ago)"),
    says(Code::expired, chrome, "NET::ERR_CERT_DATE_INVALID"),
    says(Code::expired, issuer, firefox, "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE"),
    says(Code::expired, firefox, "SEC_ERROR_EXPIRED_CERTIFICATE"),
    says(Code::not_yet_valid, openssl, "certificate is not yet valid", "CERT_NOT_YET_VALID"),
    says(
        Code::not_yet_valid, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check "
        "failed"),
    says(Code::not_yet_valid, go,
         "x509: certificate has expired or is not yet valid: current time … is before {not_before}"),
    says(
        Code::not_yet_valid, rustls,
        "invalid peer certificate: certificate not valid yet: verification time … (UNIX), but certificate is not valid before … (… "
        "seconds in future)"),
    says(Code::not_yet_valid, chrome, "NET::ERR_CERT_DATE_INVALID"),
    says(Code::not_yet_valid, issuer, firefox, "MOZILLA_PKIX_ERROR_NOT_YET_VALID_ISSUER_CERTIFICATE"),
    says(Code::not_yet_valid, firefox, "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE"),

    // … who vouches for it. What several of these have in common comes first under the likelier.
    says(Code::missing_intermediate, looks_self_signed, openssl, "self-signed certificate",
         "DEPTH_ZERO_SELF_SIGNED_CERT"),
    says(Code::missing_intermediate, namesake_rsa, curl, rsa_failed),
    says(Code::missing_intermediate, namesake_alike, curl, signature_failed),
    says(Code::missing_intermediate, namesake_alike, node, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
    says(Code::missing_intermediate, namesake_alike, python, bad_signature_in_python),
    says(Code::missing_intermediate, lone, node, "unable to verify the first certificate",
         "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    says(Code::missing_intermediate, openssl, "unable to get local issuer certificate",
         "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    says(Code::missing_intermediate, namesake, java, bad_signature_in_java),
    says(Code::missing_intermediate, java, no_path),
    says(Code::missing_intermediate, namesake, go, wrong_authority),
    says(Code::missing_intermediate, go, unknown_authority),
    says(Code::missing_intermediate, no_namesake, rustls, unknown_issuer),
    accepts(Code::missing_intermediate, fetchable, chrome, "it fetches the missing issuer itself (AIA)"),
    says(Code::untrusted_root, looks_self_signed, openssl, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    says(Code::untrusted_root, namesake_rsa, curl, rsa_failed),
    says(Code::untrusted_root, namesake_alike, curl, signature_failed),
    says(Code::untrusted_root, namesake_alike, node, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
    says(Code::untrusted_root, namesake_alike, python, bad_signature_in_python),
    says(Code::untrusted_root, openssl, "self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"),
    says(Code::untrusted_root, namesake, java, bad_signature_in_java),
    says(Code::untrusted_root, java, no_path),
    says(Code::untrusted_root, namesake, go, wrong_authority),
    says(Code::untrusted_root, go, unknown_authority),
    says(Code::untrusted_root, no_namesake, rustls, unknown_issuer),
    says(Code::untrusted_root, chrome, "NET::ERR_CERT_AUTHORITY_INVALID"),
    says(Code::untrusted_root, firefox, "SEC_ERROR_UNKNOWN_ISSUER"),
    says(Code::unknown_issuer, looks_self_signed, openssl, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    says(Code::unknown_issuer, namesake_rsa, curl, rsa_failed),
    says(Code::unknown_issuer, namesake_alike, curl, signature_failed),
    says(Code::unknown_issuer, namesake_alike, node, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
    says(Code::unknown_issuer, namesake_alike, python, bad_signature_in_python),
    says(Code::unknown_issuer, lone, node, "unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    says(Code::unknown_issuer, openssl, "unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    says(
        Code::unknown_issuer, namesake_trusted, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not "
        "chain with any of the trust anchors"),
    says(Code::unknown_issuer, namesake, java, bad_signature_in_java),
    says(Code::unknown_issuer, java, no_path),
    says(Code::unknown_issuer, namesake, go, wrong_authority),
    says(Code::unknown_issuer, go, unknown_authority),
    says(Code::unknown_issuer, no_namesake, rustls, unknown_issuer),
    says(Code::unknown_issuer, chrome, "NET::ERR_CERT_AUTHORITY_INVALID"),
    says(Code::unknown_issuer, firefox, "SEC_ERROR_UNKNOWN_ISSUER"),
    says(Code::self_signed, openssl, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    says(Code::self_signed, namesake, java, bad_signature_in_java),
    says(Code::self_signed, java, no_path),
    says(Code::self_signed, namesake, go, wrong_authority),
    says(Code::self_signed, go, unknown_authority),
    says(Code::self_signed, chrome, "NET::ERR_CERT_AUTHORITY_INVALID"),
    says(Code::self_signed, firefox, "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT"),

    // … its signatures and keys
    says(Code::bad_signature, node, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
    says(Code::bad_signature, python, bad_signature_in_python),
    says(Code::bad_signature, java, bad_signature_in_java),
    says(Code::bad_signature, go, wrong_authority),
    says(Code::weak_signature, openssl, "CA signature digest algorithm too weak", "UNSPECIFIED"),
    accepts(Code::weak_signature, sha1, java, "it forbids SHA-1 only below the CAs that it comes with"),
    says(
        Code::weak_signature, go,
        "x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: insecure algorithm …\" while trying to "
        "verify candidate authority certificate \"…\")"),
    says(Code::weak_signature, chrome, "NET::ERR_CERT_WEAK_SIGNATURE_ALGORITHM"),
    says(Code::weak_signature, firefox, "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED"),
    says(Code::weak_key, issuer, curl, "curl: (60) SSL certificate problem: CA certificate key too weak"),
    says(Code::weak_key, curl, "curl: (60) SSL certificate problem: EE certificate key too weak"),
    says(Code::weak_key, issuer, python,
         "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: CA certificate key too weak"),
    says(Code::weak_key, python,
         "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: EE certificate key too weak"),
    accepts(Code::weak_key, rsa_1024, java, "it refuses RSA keys below 1024 bits"),
    accepts(Code::weak_key, rsa_1024, node, "it refuses RSA keys below 1024 bits"),
    accepts(Code::weak_key, rsa_1024, go, "it takes RSA keys of 1024 bits"),
    says(Code::weak_key, chrome, "NET::ERR_CERT_WEAK_KEY"),
    says(Code::weak_key, firefox, "MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE"),

    // … its issuers and what they may do
    says(Code::not_a_ca, curl, "curl: (60) SSL certificate problem: invalid CA certificate"),
    says(Code::not_a_ca, no_constraints, node, "invalid CA certificate", "INVALID_CA"),
    says(Code::not_a_ca, node, "unsuitable certificate purpose", "INVALID_PURPOSE"),
    says(Code::not_a_ca, python, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: invalid CA certificate"),
    says(
        Code::not_a_ca, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: basic "
        "constraints check "
        "failed: this is not a CA certificate"),
    says(
        Code::not_a_ca, go,
        "x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent certificate cannot sign this kind of "
        "certificate\" while trying to verify candidate authority certificate \"…\")"),
    says(Code::issuer_key_usage, curl, "curl: (60) SSL certificate problem: invalid CA certificate"),
    says(Code::issuer_key_usage, node, "key usage does not include certificate signing", "UNSPECIFIED"),
    says(Code::issuer_key_usage, python,
         "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: invalid CA certificate"),
    says(
        Code::issuer_key_usage, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: CA key usage check failed: "
        "keyCertSign bit is not set"),
    says(
        Code::issuer_key_usage, go,
        "x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent certificate cannot sign this kind of "
        "certificate\" while trying to verify candidate authority certificate \"…\")"),
    says(Code::path_length, openssl, "path length constraint exceeded", "PATH_LENGTH_EXCEEDED"),
    says(
        Code::path_length, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: basic "
        "constraints check "
        "failed: pathLenConstraint violated - this cert must be the last cert in the certification path"),
    says(Code::path_length, go, "x509: too many intermediates for path length constraint"),
    says(Code::name_constraint, excluded, openssl, "excluded subtree violation", "UNSPECIFIED"),
    says(Code::name_constraint, openssl, "permitted subtree violation", "UNSPECIFIED"),
    accepts(Code::name_constraint, anchor_rules, java, "it does not apply a root's constraints"),
    says(
        Code::name_constraint, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: name "
        "constraints check failed"),
    says(Code::name_constraint, go,
         "x509: a root or intermediate certificate is not authorized to sign for this name: …"),
    says(Code::name_constraint, chrome, "NET::ERR_CERT_NAME_CONSTRAINT_VIOLATION"),
    says(Code::name_constraint, firefox, "SEC_ERROR_CERT_NOT_IN_NAME_SPACE"),
    says(Code::wrong_purpose, openssl, "unsuitable certificate purpose", "INVALID_PURPOSE"),
    accepts(Code::wrong_purpose, issuer, java, "it does not apply the extended key usage of a CA"),
    says(Code::wrong_purpose, java,
         "javax.net.ssl.SSLHandshakeException: Extended key usage does not permit use for TLS server authentication"),
    says(Code::wrong_purpose, go, "x509: certificate specifies an incompatible key usage"),
    says(Code::wrong_purpose, rustls,
         "invalid peer certificate: certificate does not allow extended key usage for …, allows …"),
    says(Code::unknown_critical_extension, openssl, "unhandled critical extension", "UNSPECIFIED"),
    says(
        Code::unknown_critical_extension, java,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: unrecognized critical "
        "extension(s)"),
    // Go 1.19.8 and 1.24.4 were tried, with key identifiers and authorityInfoAccess; GnuTLS 3.7.9
    // and 3.8.9 accept these.
    accepts(Code::unknown_critical_extension, misplaced_critical, go,
            "1.19 does; 1.24 says \"x509: … incorrectly marked critical\""),
    says(Code::unknown_critical_extension, go, "x509: unhandled critical extension"),
    accepts(Code::certificate_policy, curl, "it does not ask for policies"),
    accepts(Code::certificate_policy, node, "it does not ask for policies"),
    accepts(Code::certificate_policy, python, "it does not ask for policies"),
    accepts(Code::certificate_policy, anchor_rules, java, "it does not apply a root's constraints"),
    says(Code::malformed_certificate, chrome, "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    says(Code::malformed_certificate, firefox, "SEC_ERROR_BAD_DER"),

    // … and whether it is still good
    accepts(Code::revoked, curl, "it asks no revocation list unless it is given one"),
    accepts(Code::revoked, node, "it asks no revocation list unless it is given one"),
    accepts(Code::revoked, python, "it asks no revocation list unless it is given one"),
    accepts(Code::revoked, java, "it asks nothing unless it is told to"),
    accepts(Code::revoked, go, "it never asks"),
    says(Code::revoked, chrome, "NET::ERR_CERT_REVOKED"),
    says(Code::revoked, firefox, "SEC_ERROR_REVOKED_CERTIFICATE"),
    accepts(Code::must_staple_missing, curl, "it asks for a staple only with --cert-status"),
    accepts(Code::must_staple_missing, node, "it does not look for a staple"),
    accepts(Code::must_staple_missing, python, "it does not look for a staple"),
    accepts(Code::must_staple_missing, java, "it does not look for a staple"),
    accepts(Code::must_staple_missing, go, "it does not look for a staple"),
    accepts(Code::must_staple_missing, chrome, "it does not look for a staple"),
    says(Code::must_staple_missing, firefox, "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING"),

    // Warnings
    says(Code::validity_too_long, chrome, "NET::ERR_CERT_VALIDITY_TOO_LONG"),
    says(Code::validity_too_long, firefox, "MOZILLA_PKIX_ERROR_VALIDITY_TOO_LONG"),
    says(Code::ct_missing, chrome, "NET::ERR_CERTIFICATE_TRANSPARENCY_REQUIRED"),
    says(Code::old_protocol, chrome, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    says(Code::old_protocol, firefox, "SSL_ERROR_UNSUPPORTED_VERSION"),
    says(Code::no_secure_renegotiation, curl,
         "curl: (35) … error:0A000152:SSL routines::unsafe legacy renegotiation disabled"),
    says(Code::no_secure_renegotiation, node,
         "write EPROTO …:error:0A000152:SSL routines:final_renegotiate:unsafe legacy renegotiation disabled:…",
         "EPROTO"),
    says(Code::no_secure_renegotiation, python,
         "[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled"),
    accepts(Code::no_secure_renegotiation, java, "it goes on without"),
    accepts(Code::no_secure_renegotiation, go, "it goes on without"),

    // The client's side: its own words for a certificate made by whytls
    // Below a root that is not sent: Node has other words for a single certificate.
    says(Code::client_untrusted_ca, curl, "curl: (60) SSL certificate problem: unable to get local issuer certificate"),
    says(Code::client_untrusted_ca, node, "unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    says(Code::client_untrusted_ca, python,
         "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate"),
    says(Code::client_untrusted_ca, java, no_path),
    says(Code::client_untrusted_ca, go, unknown_authority),
    says(Code::client_untrusted_ca, rustls, unknown_issuer),
    says(Code::client_untrusted_ca, chrome, "NET::ERR_CERT_AUTHORITY_INVALID"),
    says(Code::client_untrusted_ca, firefox, "SEC_ERROR_UNKNOWN_ISSUER"),
});

static_assert(std::ranges::all_of(table, [](const Saying& each) { return each.accepts || !each.text.empty(); }),
              "a refusal has words");

}  // namespace

std::span<const Saying> sayings() { return table; }

}  // namespace inspect::diagnosis
