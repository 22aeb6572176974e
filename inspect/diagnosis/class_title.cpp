#include "inspect/diagnosis/class_title.h"

#include <algorithm>
#include <array>

namespace inspect::diagnosis {

namespace {

struct Class {
    Code code;
    std::string_view title;
};

constexpr auto classes = std::to_array<Class>({
    {Code::dns_not_found, "the host name does not exist"},
    {Code::dns_failed, "the host name could not be looked up"},
    {Code::connection_refused, "the server refused the connection"},
    {Code::connection_timeout, "the server could not be reached in time"},
    {Code::network_unreachable, "there is no route to the server"},
    {Code::upstream_proxy_refused, "the proxy in front of whytls refused"},
    {Code::proxy_loop, "the request leads back to whytls itself"},
    {Code::not_tls, "the server does not speak TLS on this port"},
    {Code::connection_closed, "the connection was closed in the handshake"},
    {Code::starttls_failed, "the server did not begin TLS"},
    {Code::handshake_timeout, "the handshake was not finished in time"},
    {Code::protocol_version, "no TLS version in common"},
    {Code::no_shared_cipher, "no cipher suite, group or signature algorithm in common"},
    {Code::sni_unrecognized, "the server does not know the name it was asked for"},
    {Code::client_certificate_required, "the server wants a client certificate"},
    {Code::client_certificate_rejected, "the server refused the client certificate"},
    {Code::no_shared_alpn, "no application protocol in common"},
    {Code::tls_alert, "the server ended the handshake with an alert"},
    {Code::tls_protocol_error, "the TLS protocol was broken"},
    {Code::handshake_signature, "the server did not prove that it holds its certificate's key"},
    {Code::no_certificate, "the server sent no certificate"},
    {Code::weak_dh, "the server's Diffie-Hellman group is too small"},
    {Code::hostname_mismatch, "the certificate is not for this host"},
    {Code::no_subject_alt_name, "the certificate has no subject alternative name"},
    {Code::expired, "a certificate has expired"},
    {Code::not_yet_valid, "a certificate is not valid yet"},
    {Code::self_signed, "the certificate is self-signed and not trusted"},
    {Code::untrusted_root, "the chain ends in a root that is not trusted"},
    {Code::missing_intermediate, "the server left out an intermediate certificate"},
    {Code::unknown_issuer, "the certificate's issuer is unknown"},
    {Code::bad_signature, "a certificate's signature does not verify"},
    {Code::weak_signature, "a certificate is signed with a broken hash"},
    {Code::weak_key, "a certificate's key is too weak"},
    {Code::not_a_ca, "a certificate that is no CA signed another"},
    {Code::issuer_key_usage, "an issuer may not sign certificates"},
    {Code::path_length, "more CAs in the chain than one of them allows"},
    {Code::name_constraint, "a CA in the chain may not certify this name"},
    {Code::wrong_purpose, "the certificate is not meant for TLS servers"},
    {Code::unknown_critical_extension, "a certificate has a critical extension that is not understood"},
    {Code::certificate_policy, "no certificate policy is valid along the chain"},
    {Code::path_too_complex, "there are too many ways to build the chain"},
    {Code::malformed_certificate, "a certificate cannot be read"},
    {Code::revoked, "a certificate has been revoked"},
    {Code::revocation_unavailable, "whether a certificate is revoked could not be learnt"},
    {Code::must_staple_missing, "the server did not staple the response that its certificate promises"},
    {Code::expires_soon, "a certificate expires soon"},
    {Code::validity_too_long, "the certificate's lifetime is too long"},
    {Code::chain_order, "the certificates were sent out of order"},
    {Code::extra_certificates, "the server sends certificates that do not belong to the chain"},
    {Code::root_served, "the server sends its root as well"},
    {Code::clock_skew, "a clock is wrong"},
    {Code::inspected_by_middlebox, "the connection is inspected on its way"},
    {Code::ct_missing, "the certificate lacks proofs of Certificate Transparency"},
    {Code::old_protocol, "the server speaks obsolete TLS only"},
    {Code::no_secure_renegotiation, "the server does not know RFC 5746"},
    {Code::profile_violation, "the certificate breaks a rule for issuers"},
    {Code::client_untrusted_ca, "the client does not trust the CA of whytls"},
    {Code::client_pinned, "the client pins the server's certificate"},
    {Code::client_closed, "the client hung up in the handshake"},
    {Code::client_protocol_version, "the client offers no TLS version that whytls speaks"},
    {Code::client_no_shared_cipher, "the client offers no cipher suite that whytls has"},
    {Code::client_not_tls, "the client did not speak TLS"},
    {Code::upstream_http_error, "the server's answer is not valid HTTP"},
    {Code::upstream_closed, "the server closed the connection without an answer"},
    {Code::upstream_timeout, "the server did not answer in time"},
    {Code::request_rejected, "the request was refused"},
    {Code::cross_site_request, "a page of another site may not ask this"},
    {Code::proxy_authentication_required, "this proxy asks for a user name and a password"},
});

}  // namespace

std::string class_title(Code code) {
    const auto found = std::ranges::find(classes, code, &Class::code);
    if (found != classes.end()) return std::string(found->title);
    std::string words(name(code));
    std::ranges::replace(words, '_', ' ');
    return words;
}

}  // namespace inspect::diagnosis
