// The words of Erlang, PHP, Ruby, Perl, Haskell and Dart, and of TLS libraries for small machines.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr std::string_view erlang = "Erlang, Elixir", php = "PHP", ruby = "Ruby", perl = "Perl", haskell = "Haskell", mbedtls = "Mbed TLS",
                           wolfssl = "wolfSSL";

constexpr auto languages_table = std::to_array<KnownMessage>({
    // Erlang says who made the alert: our side, about the server's certificate, or the peer
    {"generated CLIENT ALERT: Fatal - Unknown CA", erlang, no_path},
    {"generated CLIENT ALERT: Fatal - Certificate Expired", erlang, {Code::expired, Code::not_yet_valid, Code::clock_skew}},
    {"generated CLIENT ALERT: Fatal - Bad Certificate", erlang, any_certificate},
    {"generated CLIENT ALERT: Fatal - Handshake Failure", erlang, {Code::hostname_mismatch, Code::no_shared_cipher, Code::self_signed}},
    {"generated CLIENT ALERT: Fatal - Protocol Version", erlang, {Code::protocol_version}},
    {"received SERVER ALERT: Fatal - Handshake Failure", erlang, handshake_failure},
    {"received SERVER ALERT: Fatal - Protocol Version", erlang, {Code::protocol_version}},
    {"received SERVER ALERT: Fatal - Unrecognised Name", erlang, {Code::sni_unrecognized}},
    {"received SERVER ALERT: Fatal - Unrecognized Name", erlang, {Code::sni_unrecognized}},
    {"received SERVER ALERT: Fatal - Unknown CA", erlang, refused_client},
    {"received SERVER ALERT: Fatal - Bad Certificate", erlang, {Code::client_certificate_rejected, Code::client_certificate_required}},
    {"received SERVER ALERT: Fatal - Certificate required", erlang, {Code::client_certificate_required}},
    {"received SERVER ALERT: Fatal - Internal Error", erlang, {Code::tls_alert, Code::sni_unrecognized}},
    {"received CLIENT ALERT: Fatal - Unknown CA", erlang, {Code::client_untrusted_ca}},
    {"received CLIENT ALERT: Fatal - Bad Certificate", erlang, {Code::client_untrusted_ca}},
    {"received CLIENT ALERT: Fatal - Certificate Unknown", erlang, {Code::client_untrusted_ca}},
    {"tls_alert unknown_ca", erlang, no_path},
    {"tls_alert certificate_expired", erlang, {Code::expired, Code::not_yet_valid, Code::clock_skew}},
    {"tls_alert handshake_failure", erlang, handshake_failure},
    {"tls_alert protocol_version", erlang, {Code::protocol_version}},
    {"tls_alert unrecognized_name", erlang, {Code::sni_unrecognized}},
    {"tls_alert certificate_required", erlang, {Code::client_certificate_required}},
    {"tls_alert bad_certificate", erlang, any_certificate},
    {"bad_cert,hostname_check_failed", erlang, {Code::hostname_mismatch, Code::no_subject_alt_name}},
    {"bad_cert,unable_to_match_altnames", erlang, {Code::hostname_mismatch, Code::no_subject_alt_name}},
    {"tls_alert handshake_failure … bad_cert hostname_check_failed", erlang, {Code::hostname_mismatch, Code::no_subject_alt_name}},
    {"generated CLIENT ALERT: Fatal - Handshake Failure … bad_cert hostname_check_failed", erlang, {Code::hostname_mismatch}},
    {"generated CLIENT ALERT: Fatal - Handshake Failure … bad_cert unable_to_match_altnames", erlang, {Code::hostname_mismatch}},
    {"generated CLIENT ALERT: Fatal - Bad Certificate … bad_cert selfsigned_peer", erlang, {Code::self_signed}},
    {"generated CLIENT ALERT: Fatal - Handshake Failure … bad_cert max_path_length_reached", erlang, {Code::path_length}},
    {"bad_cert,cert_expired", erlang, {Code::expired, Code::not_yet_valid, Code::clock_skew}},
    {"bad_cert,selfsigned_peer", erlang, {Code::self_signed}},
    {"bad_cert,invalid_issuer", erlang, {Code::unknown_issuer, Code::missing_intermediate}},
    {"bad_cert,invalid_signature", erlang, {Code::bad_signature}},
    {"bad_cert,name_not_permitted", erlang, {Code::name_constraint}},
    {"bad_cert,missing_basic_constraint", erlang, {Code::not_a_ca}},
    {"bad_cert,invalid_key_usage", erlang, {Code::issuer_key_usage}},
    {"bad_cert,max_path_length_reached", erlang, {Code::path_length}},
    {"bad_cert,revoked", erlang, {Code::revoked}},
    {"bad_cert,revocation_status_undetermined", erlang, {Code::revocation_unavailable}},
    {"failed_connect … nxdomain", erlang, {Code::dns_not_found}},
    {"failed_connect … econnrefused", erlang, {Code::connection_refused}},
    {"failed_connect … etimedout", erlang, {Code::connection_timeout}},
    {"failed_connect … ehostunreach", erlang, {Code::network_unreachable}},
    {"socket_closed_remotely", erlang, closed_late},
    {"Mint.TransportError … reason: :nxdomain", erlang, {Code::dns_not_found}},
    {"Mint.TransportError … reason: :closed", erlang, closed_late},

    // PHP
    {"Peer certificate CN=`…' did not match expected CN=`{host}'", php, any_name},
    {"Peer certificate CN … did not match expected CN", php, any_name},
    {"stream_socket_enable_crypto(): SSL operation failed", php, any_certificate, vague},
    {"stream_socket_client(): SSL operation failed", php, any_certificate, vague},
    {"Failed to enable crypto", php, any_certificate, vague},
    {"stream_socket_enable_crypto(): Peer fingerprint doesn't match", php, {Code::client_pinned}},
    {"Unable to locate peer certificate CN", php, {Code::no_subject_alt_name}},

    // Ruby, Perl
    {"hostname \"{host}\" does not match the server certificate", ruby, any_name},
    {"OpenSSL::SSL::SSLError", ruby, any_certificate, vague},
    {"hostname verification failed", perl, any_name},
    {"SSL connect attempt failed", perl, any_handshake, vague},

    // Haskell, Dart, R, conda
    {"certificate has unknown CA", haskell, no_path},
    {"certificate rejected: [UnknownCA", haskell, no_path},
    {"certificate rejected: [SelfSigned", haskell, {Code::self_signed}},
    {"certificate rejected: [NameMismatch", haskell, {Code::hostname_mismatch}},
    {"certificate rejected: [Expired", haskell, {Code::expired}},
    {"HandshakeException: Handshake error in client", "Dart, Flutter", any_handshake, vague},
    {"CondaSSLError", "conda", any_certificate, vague},
    {"There was a problem confirming the ssl certificate", "pip", any_certificate, vague},

    // Mbed TLS: mbedtls_x509_crt_verify_info and mbedtls_strerror
    {"The certificate is not correctly signed by the trusted CA", mbedtls, no_path},
    {"The certificate Common Name (CN) does not match with the expected CN", mbedtls, any_name},
    {"The certificate validity has expired", mbedtls, {Code::expired}},
    {"The certificate validity starts in the future", mbedtls, too_early},
    {"The certificate has been revoked (is on a CRL)", mbedtls, {Code::revoked}},
    {"The certificate is signed with an unacceptable hash", mbedtls, {Code::weak_signature}},
    {"The certificate is signed with an unacceptable key", mbedtls, {Code::weak_key}},
    {"Usage does not match the extendedKeyUsage extension", mbedtls, {Code::wrong_purpose}},
    {"Usage does not match the keyUsage extension", mbedtls, {Code::wrong_purpose}},
    {"X509 - Certificate verification failed", mbedtls, any_certificate, vague},
    {"mbedtls … 0x2700", mbedtls, any_certificate, vague},
    {"SSL - A fatal alert message was received from our peer",
     mbedtls,
     {Code::tls_alert, Code::no_shared_cipher, Code::client_certificate_required},
     vague},
    {"mbedtls … 0x7780",
     mbedtls,
     {Code::tls_alert, Code::no_shared_cipher, Code::client_certificate_required, Code::protocol_version},
     vague},
    {"SSL - An invalid SSL record was received", mbedtls, {Code::not_tls}},
    {"mbedtls … 0x7200", mbedtls, {Code::not_tls}},
    {"SSL - The connection indicated an EOF", mbedtls, closed_early},
    {"mbedtls … 0x7280", mbedtls, closed_early},
    {"SSL - Verification of the message MAC failed", mbedtls, {Code::tls_protocol_error}},
    {"mbedtls … 0x7180", mbedtls, {Code::tls_protocol_error}},
    {"SSL - Handshake protocol not within min/max boundaries", mbedtls, {Code::protocol_version}},
    {"mbedtls … 0x6E80", mbedtls, {Code::protocol_version}},
    {"SSL - The server has no ciphersuites in common with the client", mbedtls, {Code::no_shared_cipher, Code::client_no_shared_cipher}},
    {"SSL - The handshake negotiation failed", mbedtls, {Code::no_shared_cipher}},
    {"NET - Failed to get an IP address for the given hostname", mbedtls, {Code::dns_not_found, Code::dns_failed}},
    {"NET - Connection was reset by peer", mbedtls, closed_early},
    {"NET - The connection to the given server / port failed", mbedtls, {Code::connection_refused, Code::connection_timeout}},
    {"X509 - The CRT/CRL/CSR format is invalid", mbedtls, {Code::malformed_certificate}},

    // wolfSSL: wc_GetErrorString and wolfSSL_ERR_reason_error_string
    {"ASN no signer error to confirm failure", wolfssl, no_path},
    {"ASN self-signed certificate error", wolfssl, {Code::self_signed}},
    {"peer subject name mismatch", wolfssl, any_name},
    {"peer ip address mismatch", wolfssl, {Code::hostname_mismatch}},
    {"ASN date error, current date is after expiration", wolfssl, {Code::expired}},
    {"ASN date error, current date is before start of validity", wolfssl, too_early},
    {"ASN sig error, confirm failure", wolfssl, {Code::bad_signature}},
    {"record layer version error", wolfssl, {Code::not_tls, Code::protocol_version}},
    {"unknown type in record hdr", wolfssl, {Code::not_tls}},
    {"can't match cipher suite", wolfssl, {Code::no_shared_cipher, Code::client_no_shared_cipher}},
    {"received alert fatal error", wolfssl, {Code::tls_alert, Code::no_shared_cipher, Code::client_certificate_required}, vague},
});

}  // namespace

std::span<const KnownMessage> of_languages() { return languages_table; }

}  // namespace inspect::diagnosis::messages
