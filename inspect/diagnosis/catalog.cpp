#include "inspect/diagnosis/catalog.h"

#include <array>

namespace inspect::diagnosis {

namespace {

using certs::Severity;
constexpr auto up = Leg::upstream;
constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;
constexpr auto dns = Phase::dns;
constexpr auto connect = Phase::connect;
constexpr auto handshake = Phase::handshake;
constexpr auto verify = Phase::verify;
constexpr auto http = Phase::http;

constexpr CatalogEntry certificate(Code code, std::string_view step, std::string_view explanation) {
    return {code, up, verify, step, error, 502, "tls_certificate_error", explanation};
}
constexpr CatalogEntry advice(Code code, std::string_view step, std::string_view explanation) {
    return {code, up, verify, step, warning, 502, "tls_certificate_error", explanation};
}
constexpr CatalogEntry client_side(Code code, std::string_view explanation) {
    return {code, Leg::client, handshake, "", error, 502, "tls_protocol_error", explanation};
}

constexpr auto entries = std::to_array<CatalogEntry>({
    // Reaching the server
    {Code::dns_not_found, up, dns, "dns", error, 502, "dns_error",
     "The name does not exist in DNS, or has no address. Mostly a misspelt host, a record that was never made or not spread yet, or a name "
     "that only a private network's resolver knows (a VPN that is off)."},
    {Code::dns_failed, up, dns, "dns", error, 502, "dns_error",
     "The resolver gave no usable answer: it timed out, refused, or the zone's own servers are broken. The name may well exist."},
    {Code::connection_refused, up, connect, "connect", error, 502, "connection_refused",
     "The machine answered that nothing listens on that port. The service is down, listens on another port or only on another address."},
    {Code::connection_timeout, up, connect, "connect", error, 504, "connection_timeout",
     "Nothing answered the TCP connection at all, which is what a firewall that drops packets, a wrong address or a machine that is off "
     "look like."},
    {Code::network_unreachable, up, connect, "connect", error, 502, "destination_ip_unroutable",
     "This machine has no route to the server's addresses: no network, a VPN that is off, or IPv6 addresses without IPv6."},
    {Code::upstream_proxy_refused, Leg::upstream_proxy, connect, "connect", error, 502, "destination_unavailable",
     "The proxy that whytls was told to go through (--upstream-proxy) refused to open the tunnel; its status says why, 407 asks for "
     "credentials."},
    {Code::proxy_loop, up, connect, "connect", error, 502, "proxy_loop_detected",
     "The request's target is whytls itself; passing it on would make it ask itself for ever."},

    // The handshake
    {Code::not_tls, up, handshake, "hello", error, 502, "tls_protocol_error",
     "The peer answered the ClientHello with something that is no TLS record: another protocol listens on that port. curl says \"wrong version "
     "number\", Firefox SSL_ERROR_RX_RECORD_TOO_LONG."},
    {Code::connection_closed, up, handshake, "hello", error, 502, "connection_terminated",
     "The server, or something on the way, closed or reset the connection before the handshake was done and did not say why. Overloaded "
     "servers, firewalls that dislike a name, and middleboxes that break on large ClientHellos do this."},
    {Code::starttls_failed, up, handshake, "hello", error, 502, "tls_protocol_error",
     "The protocol that was to be upgraded to TLS (--starttls) did not get that far: the server does not offer it, refuses, speaks another "
     "protocol, or sends bytes in the clear where TLS has to begin."},
    {Code::handshake_timeout, up, handshake, "hello", error, 504, "connection_timeout",
     "TCP connected but the handshake was not finished in time: the server is stuck, or something on the way swallows its packets."},
    {Code::protocol_version, up, handshake, "handshake", error, 502, "tls_protocol_error",
     "The two sides have no TLS version in common. TLS 1.0 and 1.1 are obsolete (RFC 8996)."},
    {Code::no_shared_cipher, up, handshake, "handshake", error, 502, "tls_protocol_error",
     "The two sides share no cipher suite, key exchange group or signature algorithm. Servers say this with alert 40, handshake_failure, which "
     "they use for other reasons too."},
    {Code::sni_unrecognized, up, handshake, "handshake", error, 502, "tls_alert_received",
     "The server does not know the name in the ClientHello (SNI, RFC 6066) and refuses rather than show another site's certificate."},
    {Code::client_certificate_required, up, handshake, "handshake", error, 502, "tls_alert_received",
     "The server asks its clients for a certificate (mutual TLS) and got none. In TLS 1.3 the refusal comes after the handshake."},
    {Code::client_certificate_rejected, up, handshake, "handshake", error, 502, "tls_alert_received",
     "The server looked at the client certificate that was sent and refused it: not issued by a CA it trusts, expired or revoked."},
    {Code::no_shared_alpn, up, handshake, "handshake", error, 502, "tls_alert_received",
     "The two sides share no application protocol (ALPN, RFC 7301), such as h2 and http/1.1."},
    {Code::tls_alert, up, handshake, "handshake", error, 502, "tls_alert_received",
     "The server ended the handshake with a TLS alert; its name (RFC 8446 §6) is all that it tells. Its own log tells more."},
    {Code::tls_protocol_error, up, handshake, "handshake", error, 502, "tls_protocol_error",
     "The server sent TLS messages that break the protocol, or something on the way changed them."},
    {Code::handshake_signature, up, handshake, "handshake", error, 502, "tls_certificate_error",
     "The server could not prove that it holds its certificate's private key: certificate and key do not belong together, or someone "
     "replays another's certificate."},
    {Code::no_certificate, up, handshake, "handshake", error, 502, "tls_certificate_error",
     "The server sent an empty certificate list, so that there is nothing to verify."},
    {Code::weak_dh, up, handshake, "handshake", error, 502, "tls_protocol_error",
     "The server's Diffie-Hellman group (a DHE suite of TLS 1.2) has under 1024 bits, and current clients refuse that (Logjam). One of "
     "1024 to 2047 bits is a warning: OpenSSL refuses it at its security level 2, the default of Debian, of Python and of OpenSSL since "
     "3.2."},

    // The certificate
    certificate(
        Code::hostname_mismatch, "hostname",
        "The certificate does not list the host that was asked for among its subject alternative names (RFC 9525). The common name never "
        "counts, and a wildcard stands for exactly one whole label. Often the server has no certificate for that name and shows its "
        "default one."),
    certificate(
        Code::no_subject_alt_name, "hostname",
        "The certificate has no subject alternative name, only a common name. Since RFC 9525 (and RFC 2818 before it) host names are "
        "looked for in the "
        "subject alternative names; Chrome, Go and rustls refuse such certificates, curl, Node and Java still accept the common name."),
    certificate(
        Code::expired, "validity",
        "The time is after the certificate's notAfter. It may be an intermediate's or a root's date; when every date looks wrong, "
        "look at the local clock."),
    certificate(
        Code::not_yet_valid, "validity",
        "The time is before the certificate's notBefore: a clock is wrong, or the certificate was put in service too early."),
    certificate(
        Code::self_signed, "trust",
        "The server's certificate names itself as its issuer and is not in the trust store: most often it is signed by its own key, "
        "as is usual in development and of default certificates. OpenSSL says \"self-signed certificate\" also of one that only bears its "
        "CA's name, whichever key "
        "signed it: then the CA needs a name of its own."),
    certificate(
        Code::untrusted_root, "trust",
        "The chain is complete but ends in a root that is not in the trust store: a private or corporate CA, a TLS inspection "
        "product, or a CA that the store dropped."),
    certificate(
        Code::missing_intermediate, "path",
        "The server sends its certificate without the intermediate that issued it. Browsers fetch or remember intermediates, so "
        "the site works there and "
        "fails in curl, Node, Java, Python and Go."),
    certificate(
        Code::unknown_issuer, "path",
        "The certificate's issuer was not sent by the server and is not in the trust store, so no path leads anywhere."),
    certificate(
        Code::bad_signature, "signature",
        "A certificate's signature does not verify with its issuer's key: the certificate was altered or damaged, or another CA of "
        "the same name issued it."),
    certificate(
        Code::weak_signature, "strength",
        "A certificate is signed with a hash for which collisions can be made (MD5, SHA-1), so that it may be forged, or with an algorithm "
        "that cannot be verified here."),
    certificate(
        Code::weak_key, "strength",
        "A certificate's key is small enough to be broken (RSA below 2048 bits, elliptic curves below 224), or of a kind that no TLS "
        "server or CA can use: X25519, another curve than P-256, P-384 and P-521, an unknown algorithm."),
    certificate(Code::not_a_ca, "basic_constraints",
                "A certificate that is not marked as a CA (basicConstraints, RFC 5280 §4.2.1.9) signed another one."),
    certificate(
        Code::issuer_key_usage, "key_usage",
        "An issuer's key usage does not include keyCertSign, so that it may not sign certificates (RFC 5280 §4.2.1.3)."),
    certificate(Code::path_length, "basic_constraints",
                "More CAs follow below a CA than its path length constraint allows (RFC 5280 §4.2.1.9)."),
    certificate(
        Code::name_constraint, "name_constraints",
        "A CA above is restricted to certain names (RFC 5280 §4.2.1.10), and the certificate carries a name outside of them."),
    certificate(Code::wrong_purpose, "key_usage",
                "The certificate's extended key usage does not allow TLS servers (serverAuth, RFC 5280 §4.2.1.12)."),
    certificate(
        Code::unknown_critical_extension, "critical_extensions",
        "The certificate has an extension marked critical that is not understood; RFC 5280 §4.2 demands its refusal."),
    certificate(
        Code::certificate_policy, "policy",
        "A CA above demands an explicit certificate policy, and none is valid along the whole path (RFC 5280 §6.1)."),
    certificate(
        Code::path_too_complex, "path",
        "There were more ways to build a path than the budget allows, as in chains made to exhaust a verifier, or more than 32 "
        "intermediates on it."),
    certificate(
        Code::malformed_certificate, "path",
        "A certificate is not well-formed DER, breaks the structure of RFC 5280 or is beyond a limit of whytls, so that it cannot be read; "
        "or something else stands in its place."),
    certificate(Code::revoked, "revocation", "The certificate's issuer has revoked it before its end date."),
    certificate(
        Code::revocation_unavailable, "revocation",
        "Neither a staple, a responder nor a list gave an answer that could be used: none came, or it was out of date, wrongly "
        "signed or about another certificate. Only --revocation hard refuses a connection for it."),
    certificate(
        Code::must_staple_missing, "revocation",
        "The certificate promises a stapled OCSP response (RFC 7633) and the server did not send one. Let's Encrypt ended OCSP in 2025."),

    // Warnings
    advice(
        Code::expires_soon, "validity",
        "Less than a tenth of the certificate's lifetime and fewer than 30 days remain: renewal has probably stopped working."),
    advice(
        Code::validity_too_long, "validity",
        "The certificate's lifetime is longer than the CA/Browser Forum allowed when it was issued; Chrome and Safari refuse that from "
        "public CAs."),
    advice(
        Code::chain_order, "path",
        "The certificates were sent out of order. TLS 1.2 demands order (RFC 5246 §7.4.2); older clients fail on it."),
    advice(
        Code::extra_certificates, "path",
        "The server sends certificates that do not belong to the chain: harmless, but slower, and a trap for old clients."),
    advice(Code::root_served, "path",
           "The server sends the root as well. A client trusts its own copy or none, so these bytes are wasted."),
    advice(
        Code::clock_skew, "validity",
        "A date failed and the server's clock differs from the local one by more than a day: one of the two is wrong."),
    advice(
        Code::inspected_by_middlebox, "trust",
        "The certificate was issued by a TLS inspection product: somebody between here and the server decrypts the traffic."),
    advice(
        Code::ct_missing, "",
        "A certificate below a root of the system's store carries fewer than two proofs of Certificate Transparency (SCTs); Chrome and "
        "Safari refuse such a certificate from a public CA."),
    {Code::old_protocol, up, handshake, "handshake", warning, 502, "tls_protocol_error",
     "The server agreed to nothing better than TLS 1.0 or 1.1, which are obsolete (RFC 8996)."},
    {Code::no_secure_renegotiation, up, handshake, "handshake", warning, 502, "tls_protocol_error",
     "The server does not know RFC 5746 (secure renegotiation, 2010). Clients with OpenSSL 3 refuse it for that, others go on."},
    {Code::profile_violation, up, verify, "", Severity::notice, 502, "tls_certificate_error",
     "The chain verifies, and breaks a rule that only some clients enforce, or none: Python 3.13 and later ask for key identifiers, "
     "critical basicConstraints and key usages (VERIFY_X509_STRICT), Go 1.23 and later for serial numbers that are not negative, browsers "
     "take no Ed25519 keys. It is a warning where a current client refuses the chain, and the text names it; else a notice."},

    // The client's side
    client_side(
        Code::client_untrusted_ca,
        "The client refused the certificate that whytls made for it, because it does not trust the local CA. Many programs have "
        "their own trust store, apart from the system's."),
    client_side(
        Code::client_pinned,
        "The client trusts the local CA for other hosts and never took it for this one: most likely it pins the server's certificate "
        "or key, unless another program looks like it. Pass such hosts through untouched."),
    client_side(
        Code::client_closed,
        "The client hung up in the middle of the handshake without a reason. Many clients do that when they do not trust a certificate."),
    client_side(Code::client_protocol_version, "The client offers only TLS versions that whytls does not speak."),
    client_side(Code::client_no_shared_cipher,
                "The client offers no cipher suite, group or signature algorithm that whytls has."),
    client_side(
        Code::client_not_tls,
        "The client sent something that is not TLS, mostly plain HTTP, where TLS was expected: to an https port, or after CONNECT."),

    // After the handshake
    {Code::upstream_http_error, up, http, "", error, 502, "http_protocol_error",
     "What the server sent is no HTTP/1.1 response that every reader understands alike: a malformed head, lengths that disagree, a chunk that "
     "is none, another protocol; or its head is larger than --max-header, which is whytls's own limit."},
    {Code::upstream_closed, up, http, "", error, 502, "http_response_incomplete",
     "The request was sent, and the connection ended before the response's first byte, or inside its head or its body: short of the length "
     "announced, or before the last chunk. Of a body that had begun the client's connection is reset, so that no part looks like the whole. "
     "Whether the server acted on the request cannot be known."},
    {Code::upstream_timeout, up, http, "", error, 504, "http_response_timeout",
     "The server took the request and sent no response in time (--response-timeout)."},
    {Code::request_rejected, Leg::client, http, "", error, 400, "http_request_error",
     "The client's own request is malformed, or could be understood in two ways (request smuggling, RFC 9112 §11.2), and was not passed "
     "on."},
    {Code::cross_site_request, Leg::client, http, "", error, 403, "http_request_denied",
     "A page of another site made the browser ask for something through the gateway path, or reached the listener under a name that is not "
     "its own (DNS rebinding). Any page can aim a browser at 127.0.0.1, so only origins that --allow-origin names may."},
    {Code::proxy_authentication_required, Leg::client, http, "", error, 407, "http_request_denied",
     "This proxy was started with --proxy-auth, and the client gave no user name and password, or others than these."},
});

}  // namespace

std::span<const CatalogEntry> catalog() { return entries; }

const CatalogEntry* find_code(Code code) {
    for (const auto& entry : entries)
        if (entry.code == code) return &entry;
    return nullptr;
}

Problem problem_of(Code code) {
    Problem problem;
    problem.code = code;
    if (const CatalogEntry* entry = find_code(code)) {
        problem.step = entry->step;
        problem.severity = entry->severity;
    }
    return problem;
}

}  // namespace inspect::diagnosis
