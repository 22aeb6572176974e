// What a certificate may be and do, its keys and signatures, the rules that only some clients
// enforce, and whether it was revoked.
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

// Tried with Python 3.12 and 3.13, openssl verify, curl, Node, Java and GnuTLS; who enforces what
// else is in enforcement.cpp.
constexpr std::string_view strict =
    "A rule of RFC 5280 that Python 3.13 and later enforce by default (ssl.create_default_context sets VERIFY_X509_STRICT), and OpenSSL's "
    "programs with -x509_strict; curl, Node, Java and Python up to 3.12 accept such a chain. Have the certificate, or the CA's, issued as "
    "the rule says; until then a program can take the flag off: context.verify_flags &= ~ssl.VERIFY_X509_STRICT.";
constexpr std::string_view strict_too =
    "A rule of RFC 5280 that Python 3.13 and later enforce by default (ssl.create_default_context sets VERIFY_X509_STRICT), and OpenSSL's "
    "programs with -x509_strict; some others refuse such a chain too, each in its own words. Have the certificate, or the CA's, issued as "
    "the rule says.";
constexpr std::string_view empty_subject =
    "Java, and Python 3.13 and later, refuse a certificate with an empty subject unless its subjectAltName is critical (RFC 5280 "
    "§4.2.1.6); curl, Node, GnuTLS and Go accept it. Have it issued anew, with a subject or with the extension critical.";
constexpr std::string_view no_host_name =
    "Java takes no host name with an underscore, whatever the certificate lists (RFC 1123 §2.1); curl, Node, GnuTLS and Go do. Give the "
    "host a name with a hyphen instead, and a certificate for that.";
constexpr std::string_view negative_serial =
    "Go 1.23 and later refuse to read a certificate with a negative serial number (RFC 5280 §4.1.2.2); OpenSSL, Java and earlier Go accept "
    "it. Have it issued anew with a positive one; until then the Go program can be started with GODEBUG=x509negativeserial=1.";
constexpr std::string_view reused_serial =
    "Firefox has seen another certificate from the same issuer name with the same serial number. Often a device made its own CA and "
    "certificate anew and began to count again: have it issued with another serial number (RFC 5280 §4.1.2.2), or delete the certificate "
    "that Firefox remembers (Settings, Certificates, Authorities and Servers).";

constexpr auto certificate_use_table = std::to_array<KnownMessage>({
    // The strict rules, in OpenSSL's words
    {"Missing Authority Key Identifier", python, {Code::profile_violation}, KnownMessage::Weight::telling, strict},
    {"Missing Subject Key Identifier", python, {Code::profile_violation}, KnownMessage::Weight::telling, strict},
    {"Basic Constraints of CA cert not marked critical",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"CA cert does not include key usage extension",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"Path length invalid for non-CA cert", python, {Code::profile_violation}, KnownMessage::Weight::telling, strict},
    {"Path length given without key usage keyCertSign",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"Key usage keyCertSign invalid for non-CA cert",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"Issuer name empty", python, {Code::profile_violation}, KnownMessage::Weight::telling, strict_too},
    {"Subject name empty", python, {Code::profile_violation}, KnownMessage::Weight::telling, strict},
    {"Empty Subject Alternative Name extension",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"Subject empty and Subject Alt Name extension not critical",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     empty_subject},
    {"Authority Key Identifier marked critical",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict_too},
    {"Subject Key Identifier marked critical",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict_too},
    {"Using cert extension requires at least X509v3",
     python,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     strict},
    {"Certificate public key has explicit ECC parameters",
     openssl,
     {Code::malformed_certificate, Code::profile_violation},
     KnownMessage::Weight::telling,
     "The key's curve is written out as numbers in place of its name, which RFC 5480 §2.1.1 forbids. Have a key made with a named curve: "
     "openssl ecparam -param_enc named_curve."},
    {"SubjectAlternativeName extension MUST be marked critical when subject field is empty",
     java,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     empty_subject},
    {"Illegal given domain name", java, {Code::profile_violation}, KnownMessage::Weight::telling, no_host_name},
    {"x509: negative serial number", go, {Code::profile_violation}, KnownMessage::Weight::telling, negative_serial},
    {"negative serial number", go, {Code::profile_violation}, KnownMessage::Weight::telling, negative_serial},
    {"SEC_ERROR_REUSED_ISSUER_AND_SERIAL",
     firefox,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     reused_serial},
    {"contains the same serial number as another certificate",
     firefox,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     reused_serial},
    {"MOZILLA_PKIX_ERROR_EMPTY_ISSUER_NAME", firefox, {Code::profile_violation}},
    {"ERR_CERT_NON_UNIQUE_NAME", chrome, {Code::profile_violation}},
    {"x509: certificate contains duplicate extensions", go, {Code::malformed_certificate, Code::profile_violation}},

    // CAs, purposes, lifetimes
    {"invalid CA certificate", openssl, {Code::not_a_ca, Code::issuer_key_usage}},
    {"invalid non-CA certificate (has CA markings)", openssl, {Code::not_a_ca, Code::wrong_purpose}},
    {"unsuitable certificate purpose", openssl, {Code::wrong_purpose, Code::not_a_ca}},
    {"unsupported certificate purpose", openssl, {Code::wrong_purpose, Code::not_a_ca}},
    {"INVALID_PURPOSE", node, {Code::wrong_purpose, Code::not_a_ca}},
    {"INVALID_CA", node, {Code::not_a_ca}},
    {"CERT_REJECTED", node, {Code::wrong_purpose, Code::untrusted_root}},
    {"CERT_CHAIN_TOO_LONG", node, {Code::path_too_complex}},
    {"certificate chain too long", openssl, {Code::path_too_complex}},
    {"no explicit policy", openssl, {Code::certificate_policy}},
    {"invalid or inconsistent certificate policy extension", openssl, {Code::certificate_policy}},
    {"Extended key usage does not permit use for TLS server authentication", java, {Code::wrong_purpose}},
    {"KeyUsage does not allow digital signatures", java, {Code::wrong_purpose}},
    {"KeyUsage does not allow key encipherment", java, {Code::wrong_purpose}},
    {"certificate is not authorized to sign other certificates", go, {Code::not_a_ca}},
    {"parent certificate cannot sign this kind of certificate", go, {Code::not_a_ca, Code::issuer_key_usage}},
    {"certificate is not standards compliant",
     "Go on macOS",
     {Code::validity_too_long, Code::wrong_purpose, Code::no_subject_alt_name}},
    {"CaUsedAsEndEntity", rustls, {Code::self_signed, Code::wrong_purpose}},
    {"EndEntityUsedAsCa", rustls, {Code::not_a_ca}},
    {"invalid peer certificate: InvalidPurpose", rustls, {Code::wrong_purpose}},
    {"PathLenConstraintViolated", rustls, {Code::path_length}},
    {"NameConstraintViolation", rustls, {Code::name_constraint}},
    {"UnhandledCriticalExtension", rustls, {Code::unknown_critical_extension}},
    {"UnsupportedCertVersion", rustls, {Code::malformed_certificate}},
    {"MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY", firefox, {Code::self_signed, Code::wrong_purpose}},
    {"MOZILLA_PKIX_ERROR_V1_CERT_USED_AS_CA", firefox, {Code::not_a_ca}},
    {"SEC_ERROR_CA_CERT_INVALID", firefox, {Code::not_a_ca}},
    {"SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID", firefox, {Code::path_length}},
    {"SEC_ERROR_INADEQUATE_CERT_TYPE", firefox, {Code::wrong_purpose}},
    {"SEC_ERROR_INADEQUATE_KEY_USAGE", firefox, {Code::wrong_purpose, Code::issuer_key_usage}},
    {"SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION", firefox, {Code::unknown_critical_extension}},
    {"SEC_ERROR_POLICY_VALIDATION_FAILED", firefox, {Code::certificate_policy}},
    {"ERR_SSL_KEY_USAGE_INCOMPATIBLE", chrome, {Code::wrong_purpose}},
    {"KEY_USAGE_BIT_INCORRECT", "BoringSSL (Chrome, gRPC, Envoy)", {Code::wrong_purpose}},
    {"ERR_CERT_VALIDITY_TOO_LONG", chrome, {Code::validity_too_long}},
    {"pathLenConstraint violated", java, {Code::path_length}},
    {"unrecognized critical extension", java, {Code::unknown_critical_extension}},
    {"The certificate chain does not match the intended purpose", gnutls, {Code::wrong_purpose}},
    {"Key usage violation in certificate has been detected", gnutls, {Code::wrong_purpose}},
    {"Unsupported critical extension in X.509 certificate", gnutls, {Code::unknown_critical_extension}},

    // Keys and signatures
    {"Certificates do not conform to algorithm constraints", java, {Code::weak_signature, Code::weak_key}},
    {"Certificates does not conform to algorithm constraints", java, {Code::weak_signature, Code::weak_key}},
    {"Algorithm constraints check failed on signature algorithm", java, {Code::weak_signature}},
    {"Algorithm constraints check failed on disabled algorithm", java, {Code::weak_signature}},
    {"Algorithm constraints check failed on keysize limits", java, {Code::weak_key}},
    {"do not conform to algorithm constraints … Algorithm constraints check failed on keysize limits",
     java,
     {Code::weak_key}},
    {"do not conform to algorithm constraints … Algorithm constraints check failed on disabled algorithm",
     java,
     {Code::weak_signature}},
    {"do not conform to algorithm constraints … Algorithm constraints check failed on signature algorithm",
     java,
     {Code::weak_signature}},
    {"ca md too weak", openssl, {Code::weak_signature}},
    {"CA signature digest algorithm too weak", openssl, {Code::weak_signature}},
    {"ee key too small", openssl, {Code::weak_key}},
    {"ca key too small", openssl, {Code::weak_key}},
    {"EE certificate key too weak", openssl, {Code::weak_key}},
    {"CA certificate key too weak", openssl, {Code::weak_key}},
    {"certificate signature failure", openssl, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"rsa routines::invalid padding", openssl, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"rsa routines::data too large for modulus",
     openssl,
     {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"asn1 encoding routines::EVP lib", openssl, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    // A CA made again under its old name: the candidate is the old one.
    {"x509: certificate signed by unknown authority (possibly because of \"…\" while trying to verify candidate authority certificate "
     "\"…\")",
     go,
     {Code::unknown_issuer, Code::untrusted_root, Code::bad_signature}},
    {"javax.net.ssl.SSLHandshakeException: PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check "
     "failed",
     java,
     {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"CertPathValidatorException: signature check failed",
     java,
     {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"cannot verify signature: insecure algorithm", go, {Code::weak_signature}},
    {"x509: ECDSA verification failure", go, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"crypto/rsa: verification error", go, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"x509: Ed25519 verification failure", go, {Code::bad_signature, Code::unknown_issuer, Code::untrusted_root}},
    {"tls: invalid signature by the server certificate", go, {Code::handshake_signature}},
    {"invalid peer certificate: BadSignature", rustls, {Code::bad_signature, Code::handshake_signature}},
    {"UnsupportedSignatureAlgorithm", rustls, {Code::weak_signature, Code::no_shared_cipher}},
    {"SEC_ERROR_BAD_SIGNATURE", firefox, {Code::bad_signature}},
    {"MOZILLA_PKIX_ERROR_SIGNATURE_ALGORITHM_MISMATCH", firefox, {Code::malformed_certificate}},
    {"The certificate chain uses insecure algorithm", gnutls, {Code::weak_signature}},
    {"The certificate of {host} was signed using an insecure algorithm", wget, {Code::weak_signature}},
    {"Public key signature verification has failed", gnutls, {Code::handshake_signature}},
    {"SSL routines … bad signature", openssl, {Code::handshake_signature}},
    {"SSL: BAD_SIGNATURE", python, {Code::handshake_signature}},

    // What cannot be read
    {"BadEncoding", rustls, {Code::malformed_certificate}},
    {"x509: malformed certificate", go, {Code::malformed_certificate}},
    {"x509: malformed tbs certificate", go, {Code::malformed_certificate}},
    {"x509: malformed serial number", go, {Code::malformed_certificate}},
    {"x509: invalid basic constraints", go, {Code::malformed_certificate}},
    {"tls: failed to parse certificate from server", go, {Code::malformed_certificate}},
    {"tls: failed to parse certificate from server: x509: negative serial number",
     go,
     {Code::profile_violation},
     KnownMessage::Weight::telling,
     negative_serial},
    {"SEC_ERROR_BAD_DER", firefox, {Code::malformed_certificate}},
    {"SEC_ERROR_EXTENSION_VALUE_INVALID", firefox, {Code::malformed_certificate}},
    {"MOZILLA_PKIX_ERROR_INVALID_INTEGER_ENCODING", firefox, {Code::malformed_certificate}},
    {"ERR_CERT_INVALID",
     chrome,
     {Code::malformed_certificate, Code::unknown_critical_extension, Code::not_a_ca, Code::wrong_purpose}},
    {"ERR_CERT_CONTAINS_ERRORS", chrome, {Code::malformed_certificate}},
    {"CertificateParsingException", java, {Code::malformed_certificate}},

    // Revocation and transparency
    {"ERR_CERT_REVOKED", chrome, {Code::revoked}},
    {"ERR_CERT_UNABLE_TO_CHECK_REVOCATION", chrome, {Code::revocation_unavailable}},
    {"ERR_CERT_NO_REVOCATION_MECHANISM", chrome, {Code::revocation_unavailable}},
    {"certificate revoked", several, {Code::revoked}},
    {"CERT_REVOKED", node, {Code::revoked}},
    {"Certificate has been revoked", several, {Code::revoked}},
    {"invalid peer certificate: Revoked", rustls, {Code::revoked}},
    {"UnknownRevocationStatus", rustls, {Code::revocation_unavailable}},
    {"Could not determine revocation status", java, {Code::revocation_unavailable}},
    {"Unable to determine revocation status", java, {Code::revocation_unavailable}},
    {"Certificate does not specify OCSP responder", java, {Code::revocation_unavailable}},
    {"unable to get certificate CRL", openssl, {Code::revocation_unavailable}},
    {"UNABLE_TO_GET_CRL", node, {Code::revocation_unavailable}},
    {"CRL has expired", openssl, {Code::revocation_unavailable}},
    {"CRL_HAS_EXPIRED", node, {Code::revocation_unavailable}},
    {"OCSP verification needed", openssl, {Code::revocation_unavailable, Code::must_staple_missing}},
    {"SEC_ERROR_REVOKED_CERTIFICATE", firefox, {Code::revoked}},
    {"SEC_ERROR_OCSP", firefox, {Code::revocation_unavailable}},
    {"Peer's Certificate has been revoked", firefox, {Code::revoked}},
    {"No OCSP response received", curl, {Code::must_staple_missing, Code::revocation_unavailable}},
    {"MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING", firefox, {Code::must_staple_missing}},
    {"The certificate chain is revoked", gnutls, {Code::revoked}},
    {"The revocation or OCSP data are old and have been superseded", gnutls, {Code::revocation_unavailable}},
    {"There is no certificate status (OCSP)", gnutls, {Code::must_staple_missing, Code::revocation_unavailable}},
    {"The certificate of {host} has been revoked", wget, {Code::revoked}},
    {"ERR_CERTIFICATE_TRANSPARENCY_REQUIRED", chrome, {Code::ct_missing}},
    {"MOZILLA_PKIX_ERROR_INSUFFICIENT_CERTIFICATE_TRANSPARENCY", firefox, {Code::ct_missing}},
    {"Certificate Transparency required, but no valid SCTs found", openssl, {Code::ct_missing}},
});

}  // namespace

std::span<const KnownMessage> of_certificate_use() { return certificate_use_table; }

}  // namespace inspect::diagnosis::messages
