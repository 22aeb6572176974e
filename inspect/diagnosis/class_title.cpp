#include "inspect/diagnosis/class_title.h"

#include <algorithm>
#include <array>

namespace inspect::diagnosis {

namespace {

struct Class {
    std::string_view code, title;
};

constexpr auto classes = std::to_array<Class>({
    {"dns_not_found", "the host name does not exist"},
    {"dns_failed", "the host name could not be looked up"},
    {"connection_refused", "the server refused the connection"},
    {"connection_timeout", "the server could not be reached in time"},
    {"network_unreachable", "there is no route to the server"},
    {"upstream_proxy_refused", "the proxy in front of whytls refused"},
    {"proxy_loop", "the request leads back to whytls itself"},
    {"not_tls", "the server does not speak TLS on this port"},
    {"connection_closed", "the connection was closed in the handshake"},
    {"starttls_failed", "the server did not begin TLS"},
    {"handshake_timeout", "the handshake was not finished in time"},
    {"protocol_version", "no TLS version in common"},
    {"no_shared_cipher", "no cipher suite, group or signature algorithm in common"},
    {"sni_unrecognized", "the server does not know the name it was asked for"},
    {"client_certificate_required", "the server wants a client certificate"},
    {"client_certificate_rejected", "the server refused the client certificate"},
    {"no_shared_alpn", "no application protocol in common"},
    {"tls_alert", "the server ended the handshake with an alert"},
    {"tls_protocol_error", "the TLS protocol was broken"},
    {"handshake_signature", "the server did not prove that it holds its certificate's key"},
    {"no_certificate", "the server sent no certificate"},
    {"weak_dh", "the server's Diffie-Hellman group is too small"},
    {"hostname_mismatch", "the certificate is not for this host"},
    {"no_subject_alt_name", "the certificate has no subject alternative name"},
    {"expired", "a certificate has expired"},
    {"not_yet_valid", "a certificate is not valid yet"},
    {"self_signed", "the certificate is self-signed and not trusted"},
    {"untrusted_root", "the chain ends in a root that is not trusted"},
    {"missing_intermediate", "the server left out an intermediate certificate"},
    {"unknown_issuer", "the certificate's issuer is unknown"},
    {"bad_signature", "a certificate's signature does not verify"},
    {"weak_signature", "a certificate is signed with a broken hash"},
    {"weak_key", "a certificate's key is too weak"},
    {"not_a_ca", "a certificate that is no CA signed another"},
    {"issuer_key_usage", "an issuer may not sign certificates"},
    {"path_length", "more CAs in the chain than one of them allows"},
    {"name_constraint", "a CA in the chain may not certify this name"},
    {"wrong_purpose", "the certificate is not meant for TLS servers"},
    {"unknown_critical_extension", "a certificate has a critical extension that is not understood"},
    {"certificate_policy", "no certificate policy is valid along the chain"},
    {"path_too_complex", "there are too many ways to build the chain"},
    {"malformed_certificate", "a certificate cannot be read"},
    {"revoked", "a certificate has been revoked"},
    {"revocation_unavailable", "whether a certificate is revoked could not be learnt"},
    {"must_staple_missing", "the server did not staple the response that its certificate promises"},
    {"expires_soon", "a certificate expires soon"},
    {"validity_too_long", "the certificate's lifetime is too long"},
    {"chain_order", "the certificates were sent out of order"},
    {"extra_certificates", "the server sends certificates that do not belong to the chain"},
    {"root_served", "the server sends its root as well"},
    {"clock_skew", "a clock is wrong"},
    {"inspected_by_middlebox", "the connection is inspected on its way"},
    {"ct_missing", "the certificate lacks proofs of Certificate Transparency"},
    {"old_protocol", "the server speaks obsolete TLS only"},
    {"no_secure_renegotiation", "the server does not know RFC 5746"},
    {"profile_violation", "the certificate breaks a rule for issuers"},
    {"client_untrusted_ca", "the client does not trust the CA of whytls"},
    {"client_pinned", "the client pins the server's certificate"},
    {"client_closed", "the client hung up in the handshake"},
    {"client_protocol_version", "the client offers no TLS version that whytls speaks"},
    {"client_no_shared_cipher", "the client offers no cipher suite that whytls has"},
    {"client_not_tls", "the client did not speak TLS"},
    {"upstream_http_error", "the server's answer is not valid HTTP"},
    {"upstream_closed", "the server closed the connection without an answer"},
    {"upstream_timeout", "the server did not answer in time"},
    {"request_rejected", "the request was refused"},
    {"cross_site_request", "a page of another site may not ask this"},
    {"proxy_authentication_required", "this proxy asks for a user name and a password"},
});

}  // namespace

std::string class_title(std::string_view code) {
    const auto found = std::ranges::find(classes, code, &Class::code);
    if (found != classes.end()) return std::string(found->title);
    std::string words(code);
    std::ranges::replace(words, '_', ' ');
    return words;
}

}  // namespace inspect::diagnosis
