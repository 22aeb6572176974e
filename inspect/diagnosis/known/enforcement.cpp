#include "inspect/diagnosis/known/enforcement.h"

#include <algorithm>
#include <array>
#include <string>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using enum Enforced;
constexpr auto tried = Enforcement::Known::tried;
constexpr auto read = Enforcement::Known::read;

// ssl.create_default_context sets VERIFY_X509_STRICT since 3.13: OpenSSL's check_extensions under
// X509_V_FLAG_X509_STRICT. Tried with 3.12.1 and 3.13.0. curl 7.88, Node 20, GnuTLS 3.7, Go 1.19
// and Python 3.12 accept all of these, Java 17 all but one.
constexpr std::string_view python = "Python 3.13 and later", any_python = "Python (ssl)";

constexpr auto table = std::to_array<Enforcement>({
    {authority_key, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing Authority Key Identifier", tried},
    {subject_key, python, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing Subject Key Identifier",
     tried},
    {critical_constraints, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Basic Constraints of CA cert not marked critical",
     tried},
    {ca_key_usage, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: CA cert does not include key usage extension", tried},
    {path_length_and_no_usage, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Path length given without key usage keyCertSign",
     tried},
    {path_length_of_no_ca, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Path length invalid for non-CA cert", tried},
    // CheckBasicConstraints of mozilla::pkix and of webpki; their documents name the errors.
    {ca_as_leaf, "Firefox", "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY", read},
    {ca_as_leaf, "rustls", "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", read},
    // OpenSSL's check_purpose_ssl_server and Java's EndEntityChecker (17). GnuTLS 3.7 and Go accept
    // it.
    {leaf_usage, "curl (OpenSSL)", "curl: (60) SSL certificate problem: unsuitable certificate purpose", tried},
    {leaf_usage, "Node, Postman", "unsuitable certificate purpose", tried, "INVALID_PURPOSE"},
    {leaf_usage, any_python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unsuitable certificate purpose", tried},
    {leaf_usage, "Java", "javax.net.ssl.SSLHandshakeException: KeyUsage does not allow digital signatures", tried},
    {leaf_signs, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Key usage keyCertSign invalid for non-CA cert",
     tried},
    // Java 17
    {critical_names, "Java", "javax.net.ssl.SSLHandshakeException: Failed to parse server certificates", tried},
    {critical_names, python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Subject empty and Subject Alt Name extension not critical",
     tried},
    // crypto/x509's parser, unless GODEBUG=x509negativeserial=1 (release notes of Go 1.23; Go 1.19
    // accepts it).
    {negative_serial, "Go 1.23 and later", "tls: failed to parse certificate from server: x509: negative serial number",
     read},
    // Ed25519 is not in their signature_algorithms; Electron, and so the Postman app, has Chrome's
    // library.
    {ed25519_key, "Chrome", "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", read},
    {ed25519_key, "Firefox", "SSL_ERROR_NO_CYPHER_OVERLAP", read},
    {ed25519_key, "Safari", "Safari can't establish a secure connection to the server", read},
    // OpenSSL's X509_check_host lets "*" stand for letters, digits and hyphens only. curl, Node and
    // GnuTLS, which match names themselves, accept it.
    {underscore_wildcard, any_python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for '{host}'.",
     tried},
    // SNIHostName takes no underscore, so Java's check of the name refuses one, listed or not (Java
    // 17).
    {underscore_wildcard, "Java", "javax.net.ssl.SSLHandshakeException: Illegal given domain name: {host}", tried},
    {underscore_listed, "Java", "javax.net.ssl.SSLHandshakeException: Illegal given domain name: {host}", tried},
    // OpenSSL's check_purpose_ssl_server does not count any purpose as a server's. GnuTLS 3.7.9 and
    // 3.8.9 count it for the server's certificate, not for a CA's; Java 17, Go 1.19 and 1.24 for
    // both.
    {any_purpose, "curl (OpenSSL)", "curl: (60) SSL certificate problem: unsuitable certificate purpose", tried},
    {any_purpose, "Node, Postman", "unsuitable certificate purpose", tried, "INVALID_PURPOSE"},
    {any_purpose, any_python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unsuitable certificate purpose", tried},
    {any_purpose_of_ca, "curl (OpenSSL)", "curl: (60) SSL certificate problem: unsuitable certificate purpose", tried},
    {any_purpose_of_ca, "Node, Postman", "unsuitable certificate purpose", tried, "INVALID_PURPOSE"},
    {any_purpose_of_ca, any_python,
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unsuitable certificate purpose", tried},
    {any_purpose_of_ca, "GnuTLS", "The certificate chain does not match the intended purpose.", tried},
    // OpenSSL's security level 2, which Debian and Python set, and which OpenSSL itself has since
    // 3.2. Tried with groups of 1024 and 1536 bits: curl 7.88, Python 3.8 to 3.13 and Node 24
    // refuse them; s_client at level 1, Node 18, 20 and 22, GnuTLS 3.7, Java 17 and 25 take them.
    {small_dh_group, "curl (OpenSSL)", "curl: (35) … error:0A00018A:SSL routines::dh key too small", tried},
    {small_dh_group, "Node 24 and later", "write EPROTO …:error:0A00018A:SSL routines:…:dh key too small:…", tried,
     "EPROTO"},
    {small_dh_group, any_python, "[SSL: DH_KEY_TOO_SMALL] dh key too small", tried},
    // X509_check_issued finds that the certificate is its own issuer, and looks for no other.
    {name_of_its_ca, "curl (OpenSSL)", "curl: (60) SSL certificate problem: self-signed certificate", tried},
    {name_of_its_ca, "Node, Postman", "self-signed certificate", tried, "DEPTH_ZERO_SELF_SIGNED_CERT"},
    {name_of_its_ca, any_python, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate",
     tried},
});

std::optional<Enforced> rule_of(const certs::RuleEvidence& evidence) {
    const auto is = [&](std::string_view field, std::string_view found) {
        return evidence.field == field && evidence.found == found;
    };
    if (is("authorityKeyIdentifier", "absent")) return authority_key;
    if (is("subjectKeyIdentifier", "absent")) return subject_key;
    if (is("basicConstraints", "not critical")) return critical_constraints;
    if (is("keyUsage", "absent")) return ca_key_usage;
    if (is("basicConstraints", "those of a CA")) return ca_as_leaf;
    if (evidence.field == "pathLenConstraint") return path_length_of_no_ca;
    if (is("keyUsage", "without digitalSignature, keyEncipherment or keyAgreement")) return leaf_usage;
    if (is("keyUsage", "with keyCertSign")) return leaf_signs;
    if (is("subjectAltName", "not critical")) return critical_names;
    if (is("serialNumber", "negative")) return negative_serial;
    if (is("extKeyUsage", "anyExtendedKeyUsage")) return any_purpose;
    return std::nullopt;
}

}  // namespace

std::span<const Enforcement> enforcements() { return table; }

std::optional<Enforced> enforced_by_somebody(const certs::Verdict& verdict, const certs::Finding& finding) {
    const auto* evidence = std::get_if<certs::RuleEvidence>(&finding.evidence);
    if (evidence == nullptr || verdict.paths.empty()) return std::nullopt;
    const auto rule = rule_of(*evidence);
    const auto& path = verdict.paths.front().certificates;
    const std::size_t depth = finding.depth.value_or(0);
    if (!rule || depth >= path.size()) return std::nullopt;
    if (rule == negative_serial) return depth + 1 < path.size() || path.size() == 1 ? rule : std::nullopt;
    // OpenSSL does not check a certificate that is trusted by itself. It checks key identifiers
    // only of version 3, and the authority's not where the path ends.
    const certs::Certificate& certificate = path[depth].certificate;
    if (rule == leaf_usage || rule == ca_as_leaf) return rule;
    if (path.size() == 1) return std::nullopt;
    if (rule == any_purpose && depth > 0) return any_purpose_of_ca;
    if ((rule == authority_key || rule == subject_key) && certificate.version() < 3) return std::nullopt;
    if (rule == authority_key && depth + 1 == path.size()) return std::nullopt;
    const auto& constraints = certificate.extensions().basic_constraints;
    const bool ca = constraints && constraints->ca;
    if (rule == path_length_of_no_ca && ca) return path_length_and_no_usage;
    if (rule == ca_key_usage && !ca) return std::nullopt;
    if (rule == ca_key_usage && constraints->path_length) return path_length_and_no_usage;
    return rule;
}

bool known_to_be_accepted(const certs::RuleEvidence& rule) {
    constexpr std::pair<std::string_view, std::string_view> accepted[] = {
        {"extKeyUsage", "present, and not critical"},
        {"basicConstraints", "cA FALSE in a server's certificate"},
        {"commonName", "one of the names in subjectAltName"},
        {"subjectAltName", "host names without an underscore"},
        {"serialNumber", "a positive number of at most 20 bytes"},
    };
    return std::ranges::any_of(accepted,
                               [&](const auto& one) { return one.first == rule.field && one.second == rule.wanted; });
}

std::vector<Elsewhere> who_refuses(Enforced rule, std::string_view host) {
    std::vector<Elsewhere> refusals;
    for (const Enforcement& row : table)
        if (row.rule == rule)
            refusals.push_back({row.client, false, replaced(row.text, "{host}", shorten(host, 255)), row.error});
    return refusals;
}

std::string names_of(const std::vector<Elsewhere>& refusals) {
    std::vector<std::string> names;
    for (const Elsewhere& each : refusals) names.emplace_back(each.client);
    return listed(names, names.size());
}

}  // namespace inspect::diagnosis
