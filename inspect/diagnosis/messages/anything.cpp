// Words that are said of anything: they count only where nothing telling stands.
#include "inspect/diagnosis/messages/messages.h"

namespace inspect::diagnosis::messages {

namespace {

constexpr auto vague = KnownMessage::Weight::vague;

constexpr auto table = std::to_array<KnownMessage>({
    {"certificate verify failed", openssl, any_certificate, vague},
    {"CERTIFICATE_VERIFY_FAILED", openssl, any_certificate, vague},
    {"failed to verify certificate", go, {"missing_intermediate", "untrusted_root", "expired", "hostname_mismatch"}, vague},
    {"SSL certificate problem", curl, {"missing_intermediate", "untrusted_root", "expired", "self_signed", "client_untrusted_ca"}, vague},
    {"SSL peer certificate or SSH remote key was not OK", curl, any_certificate, vague},
    {"Peer certificate cannot be authenticated with given CA certificates",
     curl,
     {"missing_intermediate", "untrusted_root", "expired", "self_signed", "client_untrusted_ca"},
     vague},
    {"PKIX path validation failed", java, {"expired", "not_yet_valid", "bad_signature", "name_constraint", "not_a_ca"}, vague},
    {"SSLHandshakeException",
     java,
     {"missing_intermediate", "untrusted_root", "expired", "hostname_mismatch", "no_shared_cipher", "protocol_version"},
     vague},
    {"SSLPeerUnverifiedException", java, {"hostname_mismatch", "missing_intermediate"}, vague},
    {"General SSLEngine problem", java, any_certificate, vague},
    {"General OpenSslEngine problem", "Netty (Java)", any_certificate, vague},
    {"invalid peer certificate", rustls, {"missing_intermediate", "untrusted_root", "expired", "hostname_mismatch"}, vague},
    {"peer is incompatible", rustls, {"no_shared_cipher", "protocol_version"}, vague},
    {"Your connection is not private", chrome, {"untrusted_root", "expired", "hostname_mismatch", "self_signed", "clock_skew"}, vague},
    {"Warning: Potential Security Risk Ahead", firefox, any_certificate, vague},
    {"SSL connect error", curl, any_handshake, vague},
    {"SSLCertVerificationError", python, any_certificate, vague},
    {"TypeError: fetch failed",
     node,
     {"missing_intermediate", "untrusted_root", "expired", "hostname_mismatch", "self_signed", "connection_refused"},
     vague},
    {"UNKNOWN_CERTIFICATE_VERIFICATION_ERROR", "Bun", any_certificate, vague},
    {"EPROTO", node, {"no_shared_cipher", "protocol_version", "not_tls", "client_certificate_required"}, vague},
    {"write EPROTO", node, {"no_shared_cipher", "protocol_version", "not_tls", "client_certificate_required"}, vague},
    {"Received fatal alert", java, {"tls_alert", "no_shared_cipher", "client_certificate_required"}, vague},
    {"received fatal alert", rustls, {"tls_alert", "no_shared_cipher", "client_certificate_required"}, vague},
    {"remote error: tls", go, {"tls_alert", "no_shared_cipher", "client_certificate_required"}, vague},
    {"SSL alert number", openssl, {"tls_alert", "no_shared_cipher", "client_certificate_required"}, vague},
    {"A TLS fatal alert has been received", gnutls, {"tls_alert", "no_shared_cipher", "client_certificate_required"}, vague},
    {"Error in the certificate", gnutls, any_certificate, vague},
    {"server certificate verification failed", gnutls, {"missing_intermediate", "untrusted_root", "expired", "hostname_mismatch"}, vague},
    {"The certificate of {host} is not trusted",
     wget,
     {"missing_intermediate", "untrusted_root", "expired", "self_signed", "client_untrusted_ca"},
     vague},
    {"Unable to establish SSL connection", wget, any_handshake, vague},
    {"cannot verify {host}'s certificate",
     wget,
     {"missing_intermediate", "untrusted_root", "expired", "self_signed", "client_untrusted_ca"},
     vague},

    // The exit codes of curl's manual, where nothing stands behind them; bindings write "cURL error 60"
    {"curl: (5)", curl, {"dns_not_found", "dns_failed"}, vague},
    {"curl: (6)", curl, {"dns_not_found", "dns_failed"}, vague},
    {"cURL error 6", curl, {"dns_not_found", "dns_failed"}, vague},
    {"curl: (7)", curl, {"connection_refused", "connection_timeout", "network_unreachable"}, vague},
    {"cURL error 7", curl, {"connection_refused", "connection_timeout", "network_unreachable"}, vague},
    {"curl: (8)", curl, {"upstream_http_error"}, vague},
    {"curl: (16)", curl, {"upstream_http_error"}, vague},
    {"curl: (18)", curl, {"upstream_closed"}, vague},
    {"cURL error 18", curl, {"upstream_closed"}, vague},
    {"curl: (28)", curl, {"connection_timeout", "handshake_timeout", "upstream_timeout"}, vague},
    {"cURL error 28", curl, {"connection_timeout", "handshake_timeout", "upstream_timeout"}, vague},
    {"curl: (35)", curl, any_handshake, vague},
    {"cURL error 35", curl, any_handshake, vague},
    {"curl: (51)", curl, any_name, vague},
    {"cURL error 51", curl, any_name, vague},
    {"curl: (52)", curl, {"upstream_closed"}, vague},
    {"cURL error 52", curl, {"upstream_closed"}, vague},
    {"curl: (55)", curl, closed_late, vague},
    {"curl: (56)", curl, {"upstream_closed", "connection_closed", "upstream_proxy_refused"}, vague},
    {"cURL error 56", curl, {"upstream_closed", "connection_closed", "upstream_proxy_refused"}, vague},
    {"curl: (60)", curl, any_certificate, vague},
    {"cURL error 60", curl, any_certificate, vague},
    {"curl: (64)", curl, {"starttls_failed"}, vague},
    {"curl: (80)", curl, {"upstream_closed"}, vague},
    {"curl: (90)", curl, {"client_pinned"}, vague},
    {"curl: (91)", curl, {"must_staple_missing", "revoked", "revocation_unavailable"}, vague},
    {"curl: (92)", curl, {"upstream_http_error", "upstream_closed"}, vague},
});

}  // namespace

std::span<const KnownMessage> of_anything() { return table; }

}  // namespace inspect::diagnosis::messages
