#include "tests/inspect/diagnosis_cases.h"

#include "certs/ocsp.h"
#include "certs/trust_store.h"
#include "certs/verify.h"

namespace tests {

using namespace inspect::diagnosis;
using certs::Code;
using certs::Finding;
using certs::Severity;
using tls::FailureKind;
using tls::Milestone;

Attempt attempt_at(const std::string& host, std::uint16_t port) {
    Attempt attempt;
    attempt.host = host;
    attempt.port = port;
    attempt.sni = host;
    attempt.alpn = {"h2", "http/1.1"};
    attempt.time = forge_time;
    attempt.trust_source = "/etc/ssl/certs/ca-certificates.crt";
    attempt.addresses = {{"203.0.113.7:" + std::to_string(port), ConnectOutcome::connected, ""}};
    attempt.timings = {4.2, 11.7, 23.9};
    attempt.timeout_seconds = 10;
    attempt.method = "GET";
    return attempt;
}

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Test Root").self_signed();
    return forged;
}
const Forged& intermediate() {
    static const Forged forged = Forge::intermediate("Test CA R3").signed_by(root());
    return forged;
}

const Forged& upper() {
    static const Forged forged = Forge::intermediate("Test CA X1").basic_constraints(true).signed_by(root());
    return forged;
}
const Forged& lower() {
    static const Forged forged = Forge::intermediate("Test CA R4").signed_by(upper());
    return forged;
}

tls::HandshakeFailure refused() {
    tls::HandshakeFailure failure;
    failure.kind = FailureKind::certificate;
    failure.reached = Milestone::certificate;
    return failure;
}

void agreed(Attempt& attempt) {
    attempt.handshake = tls::Handshake{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", "h2", attempt.sni, false};
}

Attempt chain(const Forged& leaf) { return judged(attempt_at(), {leaf, intermediate()}, root()); }

Attempt with_failure(Failure failure) {
    Attempt attempt = attempt_at();
    attempt.failure = std::move(failure);
    return attempt;
}

// Before there was a connection.
Attempt not_reached(Failure failure) {
    Attempt attempt = with_failure(std::move(failure));
    attempt.addresses.clear();
    attempt.timings = {};
    return attempt;
}

Attempt not_connected(ConnectOutcome outcome) {
    Attempt attempt = attempt_at();
    attempt.addresses = {{"[2001:db8::7]:443", ConnectOutcome::unreachable, "network is unreachable"},
                         {"203.0.113.7:443", outcome, "the system's words"}};
    attempt.timings.connect.reset();
    attempt.timings.handshake.reset();
    attempt.failure = ConnectFailure{};
    return attempt;
}

Attempt http_failed(HttpFailure failure) {
    Attempt attempt = chain(Forge::leaf("api.example.com").signed_by(intermediate()));
    attempt.failure = std::move(failure);
    return attempt;
}

Attempt old_version() {
    Attempt attempt = chain(Forge::leaf("api.example.com").signed_by(intermediate()));
    attempt.handshake->version = "TLSv1.1";
    attempt.handshake->cipher = "ECDHE-RSA-AES128-SHA";
    return attempt;
}

Attempt without_rfc_5746() {
    Attempt attempt = chain(Forge::leaf("api.example.com").signed_by(intermediate()));
    attempt.handshake->version = "TLSv1.2";
    attempt.handshake->secure_renegotiation = false;
    return attempt;
}

// A certificate made by a product on the way, whose root was given to this machine.
Attempt inspected() {
    const Forged zscaler = Forge::root("Zscaler Root CA").self_signed();
    const Forged issuer = Forge::intermediate("Zscaler Intermediate Root CA (zscaler.net)").signed_by(zscaler);
    return judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(issuer), issuer}, zscaler);
}

Attempt unlogged() {
    Attempt attempt = chain(Forge::leaf("api.example.com").signed_by(intermediate()));
    attempt.root_of_system = true;
    return attempt;
}

// The issuer is known from elsewhere, so the chain could be mended.
Attempt left_out() {
    Attempt attempt = attempt_at();
    certs::TrustStore trust;
    trust.add(root().certificate());
    const Forged leaf = Forge::leaf("api.example.com").signed_by(intermediate());
    const std::vector<certs::Bytes> served = {leaf.der};
    const std::vector<certs::PathCertificate> extra = {{intermediate().certificate(), certs::Provenance::aia}};
    attempt.verdict =
        certs::verify({.served = served, .trust = trust, .host = attempt.host, .at = forge_time, .extra = extra});
    for (auto& finding : attempt.verdict->problems)
        if (auto* issuer = std::get_if<certs::IssuerEvidence>(&finding.evidence))
            issuer->aia_url = "http://ca.example.com/r3.cer";
    attempt.proxy_address = "127.0.0.1:8080";
    attempt.ca_file = "/home/dev/.local/share/whytls/ca.pem";
    agreed(attempt);
    attempt.failure = refused();
    return attempt;
}

Attempt starttls_failed(StartTlsFailure failure) {
    Attempt attempt = attempt_at("mail.example.com", 25);
    attempt.check = true;
    attempt.starttls = inspect::starttls::Protocol::smtp;
    attempt.timeout_seconds = 10;
    attempt.failure = std::move(failure);
    return attempt;
}

Attempt refused_by_parent(ParentRefusal refusal) {
    Attempt attempt = with_failure(std::move(refusal));
    attempt.parent = "proxy.corp:3128";
    attempt.addresses.clear();
    attempt.timings = {};
    return attempt;
}

Attempt not_authorized(NotAuthorized seen) {
    Attempt attempt = not_reached(seen);
    attempt.proxy_address = "127.0.0.1:8080";
    return attempt;
}

std::vector<Case> network_cases() {
    return {
        {"dns_not_found", not_reached(DnsFailure{true, "name or service not known"})},
        {"dns_failed", not_reached(DnsFailure{false, "temporary failure in name resolution"})},
        {"connection_refused", not_connected(ConnectOutcome::refused)},
        {"connection_timeout", not_connected(ConnectOutcome::timed_out)},
        {"network_unreachable", not_connected(ConnectOutcome::unreachable)},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::not_offered, "250 HELP"})},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::other, "* OK IMAP4rev1 ready"})},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::timed_out, ""})},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::refused, "554 5.7.1 no service for you\x07"})},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::declined, "454 4.7.0 TLS not available"})},
        {"starttls_failed", starttls_failed({StartTlsFailure::Kind::trailing, "220 2.0.0 go", "250 injected\r\n", 14})},
        {"upstream_proxy_refused", refused_by_parent({ParentRefusal::Kind::status, 407, "Proxy Authentication Required",
                                                      "Basic realm=\"corp\"", false, ""})},
        {"upstream_proxy_refused",
         refused_by_parent({ParentRefusal::Kind::status, 403, "Forbidden", "", true, "blocked by policy"})},
        {"upstream_proxy_refused", refused_by_parent({ParentRefusal::Kind::timed_out, 0, "", "", false, ""})},
        {"proxy_loop", with_failure(ProxyLoop{})},
        {"upstream_http_error", http_failed({HttpFailure::Kind::not_http, inspect::http::MessageError::bad_start_line,
                                             "SSH-2.0-OpenSSH_9.2\r\n"})},
        {"upstream_closed", http_failed({HttpFailure::Kind::closed, inspect::http::MessageError::truncated, ""})},
        {"upstream_timeout", http_failed({HttpFailure::Kind::timed_out, std::nullopt, ""})},
        {"request_rejected",
         not_reached(RequestRejected{inspect::http::MessageError::ambiguous_length, "POST / HTTP/1.1\r\n"})},
        {"request_rejected",
         not_reached(NotAProxy{
             "http://127.0.0.1:8443", "https://api.example.com", "CONNECT other.example.com:443", {"127.0.0.1:8080"}})},
        {"cross_site_request",
         not_reached(CrossSiteRefused{{inspect::http::CrossSite::Sign::origin, "https://evil.example"},
                                      "127.0.0.1:8080",
                                      "http://127.0.0.1:8080",
                                      "https://api.example.com/v1/things?token=***"})},
        {"cross_site_request",
         not_reached(CrossSiteRefused{{inspect::http::CrossSite::Sign::user_agent, "Mozilla/5.0 (X11; Linux x86_64)"},
                                      "192.168.1.7:8080",
                                      "http://192.168.1.7:8080",
                                      "https://api.example.com/"})},
        {"proxy_authentication_required", not_authorized({true, NotAuthorized::Way::proxy})},
        {"proxy_authentication_required", not_authorized({false, NotAuthorized::Way::gateway})}};
}

// A client certificate from another CA than those asked for, expired; the server ended with an
// alert, or a close.
Attempt certificate_refused(int alert, FailureKind kind = FailureKind::closed) {
    Attempt attempt = handshake_failed(alert >= 0 ? FailureKind::alert : kind, Milestone::done, alert);
    auto& failure = std::get<tls::HandshakeFailure>(attempt.failure);
    failure.certificate_requested = true;
    failure.certificate_sent = kind != FailureKind::client_signature;
    agreed(attempt);
    attempt.handshake->certificate_requested = true;
    attempt.handshake->certificate_sent = failure.certificate_sent;
    attempt.handshake->certificate_request = tls::CertificateRequest{
        .authorities = {"CN=Partner CA,O=Example"}, .authorities_total = 1, .signatures = {0x0804, 0x0401}};
    const Forged own = Forge::leaf("client").dates(days_later(-93), days_later(-3)).signed_by(intermediate());
    attempt.client_certificate = ClientCertificate{.description = certs::describe(own.certificate()),
                                                   .file = "client.pem",
                                                   .certificates = 1,
                                                   .purposes = {"serverAuth"},
                                                   .for_clients = false};
    return attempt;
}

std::vector<Case> handshake_cases() {
    return {{"not_tls",
             handshake_failed(FailureKind::not_tls, Milestone::client_hello, -1, "HTTP/1.1 400 Bad Request\r\n\r\n")},
            {"connection_closed", handshake_failed(FailureKind::closed, Milestone::client_hello)},
            {"connection_closed", handshake_failed(FailureKind::reset, Milestone::certificate)},
            {"handshake_timeout", handshake_failed(FailureKind::timeout, Milestone::client_hello)},
            {"protocol_version", handshake_failed(FailureKind::alert, Milestone::client_hello, 70)},
            {"protocol_version", handshake_failed(FailureKind::version, Milestone::server_hello)},
            {"no_shared_cipher", handshake_failed(FailureKind::alert, Milestone::client_hello, 40)},
            {"no_shared_cipher", handshake_failed(FailureKind::cipher, Milestone::server_hello)},
            {"sni_unrecognized", handshake_failed(FailureKind::alert, Milestone::client_hello, 112)},
            {"client_certificate_required", handshake_failed(FailureKind::alert, Milestone::done, 116)},
            {"client_certificate_required", handshake_failed(FailureKind::alert, Milestone::certificate_request, 40)},
            {"client_certificate_rejected", certificate_refused(48)},
            {"client_certificate_rejected", certificate_refused(-1)},
            {"client_certificate_rejected", certificate_refused(-1, FailureKind::client_signature)},
            {"no_shared_alpn", handshake_failed(FailureKind::alert, Milestone::client_hello, 120)},
            {"tls_alert", handshake_failed(FailureKind::alert, Milestone::server_hello, 80)},
            {"tls_protocol_error", handshake_failed(FailureKind::protocol_error, Milestone::server_hello)},
            {"handshake_signature", handshake_failed(FailureKind::handshake_signature, Milestone::certificate)},
            {"no_certificate", handshake_failed(FailureKind::no_certificate, Milestone::server_hello)},
            {"weak_dh", handshake_failed(FailureKind::weak_dh, Milestone::server_hello)}};
}

std::vector<Case> leaf_cases() {
    const auto leaf = [] { return Forge::leaf("api.example.com"); };
    return {{"", chain(leaf().signed_by(intermediate()))},
            {"hostname_mismatch", cloudfront()},
            {"hostname_mismatch", chain(Forge::leaf("*.example.com")
                                            .names({dns("*.com"), dns("*.www.example.com"), dns("apj.example.com")})
                                            .signed_by(intermediate()))},
            {"no_subject_alt_name", chain(leaf().no_names().signed_by(intermediate()))},
            {"expired", chain(leaf().dates(days_later(-93), days_later(-3)).signed_by(intermediate()))},
            {"not_yet_valid", chain(leaf().dates(days_later(0.125), days_later(90)).signed_by(intermediate()))},
            {"self_signed", judged(attempt_at(), {leaf().self_signed()}, root())},
            {"untrusted_root", judged(attempt_at(), {leaf().signed_by(intermediate()), intermediate(), root()},
                                      Forge::root("Another Root").self_signed())},
            {"unknown_issuer",
             judged(attempt_at(), {leaf().signed_by(intermediate())}, Forge::root("Another Root").self_signed())},
            {"bad_signature", chain(leaf().broken_signature().signed_by(intermediate()))},
            {"weak_key", chain(leaf().key(KeyType::rsa1024).signed_by(intermediate()))},
            {"wrong_purpose", chain(leaf().extended_key_usage({"clientAuth"}).signed_by(intermediate()))},
            {"unknown_critical_extension",
             chain(leaf().extension({"1.3.6.1.4.1.55555.1", true, {0x05, 0x00}}).signed_by(intermediate()))},
            {"expires_soon", chain(leaf().dates(days_later(-88), days_later(2)).signed_by(intermediate()))},
            {"validity_too_long", chain(leaf().dates(days_later(-30), days_later(800)).signed_by(intermediate()))},
            {"root_served", judged(attempt_at(), {leaf().signed_by(intermediate()), intermediate(), root()}, root())},
            {"inspected_by_middlebox", inspected()},
            {"ct_missing", unlogged()},
            {"missing_intermediate", left_out()},
            {"old_protocol", old_version()},
            {"no_secure_renegotiation", without_rfc_5746()}};
}

std::vector<Case> issuer_cases() {
    const Forged not_ca = Forge::intermediate("Not A CA").basic_constraints(false).signed_by(root());
    const Forged no_usage = Forge::intermediate("No Usage").key_usage({Usage::digital_signature}).signed_by(root());
    const Forged expired = Forge::intermediate("Old CA").dates(days_later(-800), days_later(-40)).signed_by(root());
    const Forged constrained =
        Forge::intermediate("Constrained").name_constraints({dns("example.org")}, {}).signed_by(root());
    const Forged below = Forge::intermediate("Below").signed_by(intermediate());
    const auto under = [](const Forged& issuer) {
        return judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(issuer), issuer}, root());
    };
    return {{"not_a_ca", under(not_ca)},
            {"issuer_key_usage", under(no_usage)},
            {"expired", under(expired)},
            {"name_constraint", under(constrained)},
            {"path_length",
             judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(below), below, intermediate()}, root())}};
}

std::vector<Case> finding_cases() {
    const auto error = Severity::error;
    return {
        {"missing_intermediate",
         found({Code::missing_intermediate, error, 0,
                certs::IssuerEvidence{"CN=R11,O=Let's Encrypt,C=US", "", "http://r11.i.lencr.org/"},
                "RFC 8446 §4.4.2"})},
        {"weak_signature",
         found({Code::weak_signature, error, 0, certs::AlgorithmEvidence{"sha1WithRSAEncryption", "SHA-256"}, ""})},
        {"certificate_policy",
         found({Code::certificate_policy, error, std::nullopt, certs::NoEvidence{}, "RFC 5280 §6.1"})},
        {"path_too_complex",
         found({Code::path_too_complex, error, std::nullopt, certs::NoEvidence{}, "RFC 4158 §3.2"})},
        {"malformed_certificate",
         found({Code::malformed_certificate, error, 0,
                certs::ParseEvidence{"tbsCertificate.validity.notBefore", 93, "a time was expected"},
                "RFC 5280 §4.1"})},
        {"revoked",
         found({Code::revoked, error, 0,
                certs::RevocationEvidence{days_later(-4), "keyCompromise", "http://crl.example.com/a.crl"}, ""})},
        {"revocation_unavailable",
         found({Code::revocation_unavailable, error, 0,
                certs::RevocationEvidence{days_later(-3), "", std::string(certs::stapled_response),
                                          certs::NoAnswer::out_of_date},
                "RFC 6960 §3.2"})},
        {"must_staple_missing", found({Code::must_staple_missing, error, 0, certs::NoEvidence{}, "RFC 7633"})},
        {"chain_order",
         judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(lower()), upper(), lower()}, root())},
        {"extra_certificates", judged(attempt_at(),
                                      {Forge::leaf("api.example.com").signed_by(intermediate()), intermediate(),
                                       Forge::intermediate("Another CA").signed_by(root())},
                                      root())},
        {"profile_violation", found({Code::profile_violation, Severity::notice, 0,
                                     certs::RuleEvidence{"serialNumber", "0", "a positive number of at most 20 bytes"},
                                     "RFC 5280 §4.1.2.2"})}};
}

}  // namespace

Attempt judged(Attempt attempt, const std::vector<Forged>& served, const Forged& trusted, certs::Time at) {
    std::vector<certs::Bytes> bytes(served.begin(), served.end());
    certs::TrustStore trust;
    trust.add(trusted.certificate());
    attempt.verdict = certs::verify({.served = bytes, .trust = trust, .host = attempt.host, .at = at});
    agreed(attempt);
    if (!attempt.verdict->accepted()) attempt.failure = refused();
    return attempt;
}

Attempt found(Finding finding) {
    static const Attempt good = chain(Forge::leaf("api.example.com").signed_by(intermediate()));
    Attempt attempt = good;
    certs::Verdict& verdict = *attempt.verdict;
    if (finding.code == Code::missing_intermediate) verdict.served.pop_back();
    // No path can be built from a leaf that cannot be read, or within a budget that is spent.
    if (finding.code == Code::malformed_certificate || finding.code == Code::path_too_complex) verdict.paths.clear();
    if (finding.code == Code::malformed_certificate) verdict.served = {{{}, std::nullopt, std::nullopt}};
    if (finding.severity == Severity::error) attempt.failure = refused();
    verdict.problems.insert(verdict.problems.begin(), std::move(finding));
    return attempt;
}

Attempt handshake_failed(FailureKind kind, Milestone reached, int alert, std::string first_bytes) {
    Attempt attempt = attempt_at();
    attempt.timings.handshake.reset();
    tls::HandshakeFailure failure;
    failure.kind = kind;
    failure.reached = reached;
    if (alert >= 0) failure.alert_received = static_cast<std::uint8_t>(alert);
    failure.first_bytes = std::move(first_bytes);
    attempt.failure = failure;
    return attempt;
}

Attempt plain_http(HttpFailure failure) {
    Attempt attempt = attempt_at("good.test", 8080);
    attempt.tls = false;
    attempt.failure = std::move(failure);
    return attempt;
}

Attempt cloudfront() {
    const Forged amazon = Forge::root("Amazon Root CA 1").self_signed();
    const Forged issuer = Forge::intermediate("Amazon RSA 2048 M01")
                              .subject({{"C", "US"}, {"O", "Amazon"}, {"CN", "Amazon RSA 2048 M01"}})
                              .signed_by(amazon);
    const Forged leaf =
        Forge::leaf("*.cloudfront.net").names({dns("*.cloudfront.net"), dns("cloudfront.net")}).signed_by(issuer);
    return judged(attempt_at(), {leaf, issuer}, amazon);
}

std::vector<Case> all_cases() {
    std::vector<Case> all;
    for (const auto& some : {network_cases(), handshake_cases(), leaf_cases(), issuer_cases(), finding_cases()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

std::vector<std::string> hostile_texts() {
    std::string many(65'536, 'a');
    for (std::size_t i = 63; i < many.size(); i += 64) many[i] = '.';
    return {"<script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp;</title></style>",
            "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b"
            "31m\x7f",
            "a\r\nSet-Cookie: owned=1\r\n\r\n<h1>split</h1>\nb\tc",
            "safe\xE2\x80\xAE"
            "gnp.exe\xE2\x81\xA6\xE2\x80\x8B\xE2\x80\xA8\xD8\x9C\xEF\xBB\xBF",
            "\xFF\xFE\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82 cut \xE2",
            "'; rm -rf / #`id`$(id)\\",
            std::string("nul\0inside", 10),
            many,
            std::string(65'536, '\x01'),
            std::string(65'536, '<'),
            "\xD1\x82\xD0\xB5\xD1\x81\xD1\x82 \xE6\xB5\x8B\xE8\xAF\x95 \xF0\x9F\x94\x92",
            ""};
}

certs::Evidence hostile_evidence(Code code, const std::string& text) {
    switch (code) {
        case Code::hostname_mismatch:
        case Code::no_subject_alt_name:
            return certs::NameEvidence{text,
                                       {"DNS:" + text, "IP:" + text, text},
                                       5000,
                                       text,
                                       certs::NearMiss{"DNS:" + text, certs::NearMissReason::typo, 2}};
        case Code::self_signed:
        case Code::untrusted_root:
        case Code::missing_intermediate:
        case Code::unknown_issuer: return certs::IssuerEvidence{"CN=" + text, "O=" + text, text};
        case Code::malformed_certificate:
            return certs::ParseEvidence{text, 7, text, certs::ParseFault::structure, "CN=" + text};
        case Code::not_a_ca:
        case Code::issuer_key_usage:
        case Code::wrong_purpose: return certs::PurposeEvidence{text, {text, text}};
        case Code::name_constraint: return certs::ConstraintEvidence{text, text, "CN=" + text, {text, text}, 200};
        case Code::bad_signature:
        case Code::weak_signature:
        case Code::weak_key: return certs::AlgorithmEvidence{text, text};
        case Code::unknown_critical_extension: return certs::ExtensionEvidence{text, text};
        case Code::revoked:
        case Code::revocation_unavailable:
        case Code::must_staple_missing: return certs::RevocationEvidence{forge_time, text, text};
        case Code::profile_violation:
            return certs::RuleEvidence{"commonName", text, "one of the names in subjectAltName"};
        default: return certs::NoEvidence{};
    }
}

std::vector<Attempt> hostile_attempts(const std::string& text) {
    const auto error = Severity::error;
    std::vector<Attempt> attempts;
    for (int code = 0; code <= static_cast<int>(certs::last_code); ++code)
        attempts.push_back(
            found({static_cast<Code>(code), error, 0, hostile_evidence(static_cast<Code>(code), text), "RFC 5280"}));
    for (const auto& one : network_cases()) attempts.push_back(one.attempt);
    attempts.push_back(handshake_failed(FailureKind::not_tls, Milestone::client_hello, -1, text.substr(0, 512)));
    attempts.push_back(handshake_failed(FailureKind::alert, Milestone::client_hello, 112));
    attempts.push_back(with_failure(DnsFailure{false, text}));
    const std::string name = text.substr(0, 30'000);
    attempts.push_back(judged(
        attempt_at(),
        {Forge::leaf("x").subject({{"CN", name}, {"O", name}}).names({dns(name), uri(name)}).self_signed()}, root()));
    for (auto& attempt : attempts) {
        attempt.host = text;
        attempt.sni = text;
        attempt.alpn = {text};
        attempt.trust_source = text;
        attempt.method = text;
        for (auto& tried : attempt.addresses) tried.address = tried.reason = text;
        if (attempt.handshake) attempt.handshake = tls::Handshake{text, text, text, text, text, false};
    }
    return attempts;
}

}  // namespace tests
