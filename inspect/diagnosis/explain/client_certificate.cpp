// Mutual TLS: the server wants a client certificate, or does not want the one that it got.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using tls::FailureKind;
using tls::Milestone;

constexpr std::size_t shown_authorities = 8;

EvidenceRow row(std::string label, std::string value) { return {std::move(label), std::move(value), "", {}}; }

std::string host(const Context& context) { return shorten(context.attempt.host, 60); }

const tls::CertificateRequest* request_of(const Context& context) {
    const auto& handshake = context.attempt.handshake;
    return handshake && handshake->certificate_request ? &*handshake->certificate_request : nullptr;
}

bool names_others(const tls::CertificateRequest* request) {
    return request != nullptr && request->authorities_total > 0 && !request->names_issuer;
}

std::string how_it_ended(const tls::HandshakeFailure& failure) {
    if (failure.alert_received) return fmt::format("the alert {}", tls::alert_name(*failure.alert_received));
    return failure.kind == FailureKind::reset ? "a reset" : "a close";
}

void add_request(const Context& context, Problem& problem) {
    const tls::CertificateRequest* request = request_of(context);
    if (request == nullptr) return;
    EvidenceRow names{"client certificates accepted from", "", "", {}};
    for (const std::string& name : request->authorities)
        if (names.values.size() < shown_authorities) names.values.push_back(shorten(name, 120));
    if (names.values.empty()) names.value = "any CA: the server names none";
    if (request->authorities_total > names.values.size() && !names.values.empty())
        names.note = fmt::format("and {} more", request->authorities_total - names.values.size());
    problem.evidence.push_back(std::move(names));
    std::vector<std::string> schemes;
    for (const std::uint16_t scheme : request->signatures) schemes.push_back(tls::signature_scheme_name(scheme));
    if (!schemes.empty()) problem.evidence.push_back(row("signatures accepted", listed(schemes, 12)));
}

void add_own(const Context& context, Problem& problem) {
    const auto& own = context.attempt.client_certificate;
    if (!own) return;
    const certs::Description& leaf = own->description;
    problem.evidence.push_back(
        row("client certificate", leaf.subject.empty() ? "(empty subject)" : shorten(leaf.subject, 120)));
    problem.evidence.push_back(row("issued by", shorten(leaf.issuer, 120)));
    problem.evidence.push_back(
        row("valid", fmt::format("{} to {}", readable(leaf.not_before), readable(leaf.not_after))));
    problem.evidence.push_back(row("purposes (EKU)", own->purposes.empty() ? "any" : listed(own->purposes, 8)));
    problem.evidence.push_back(
        row("file", fmt::format("{} ({})", own->file, counted(own->certificates, "certificate"))));
}

Problem required(const Context& context, const tls::HandshakeFailure& failure) {
    const Attempt& attempt = context.attempt;
    Problem problem = problem_of(Code::client_certificate_required);
    problem.title = fmt::format("{} demands a client certificate, and none was sent", host(context));
    problem.detail = fmt::format(
        "The server uses mutual TLS: it asked for the client's certificate and ended the connection with {} when none came.",
        failure.alert_received                    ? tls::alert_name(*failure.alert_received)
        : failure.kind == tls::FailureKind::reset ? "a reset"
                                                  : "a close");
    problem.proof = failure.alert_received == 116 ? Proof::observed : Proof::likely;
    if (attempt.client_certificate && attempt.client_certificate->withheld_by == "--insecure") {
        problem.detail +=
            " One is set for this host, but --insecure covers the host too, and a server that need not verify never gets it.";
        problem.fixes = {
            {Actor::client,
             "Leave this host out of --insecure, so that the server is verified and may see the certificate.", ""}};
    } else if (attempt.client_certificate && !attempt.client_certificate->withheld_by.empty()) {
        problem.detail +=
            " One is set for this host, but with --revocation soft or hard a server is met twice, and shown it only if it has the same "
            "certificate again: this one had another each time.";
        problem.fixes = {
            {Actor::client,
             "Use --revocation staple, so that one handshake is enough to verify the server and show it the certificate.",
             ""}};
    } else {
        problem.fixes = {
            {Actor::client, "Get a client certificate from whoever runs the server, and let whytls show it.",
             fmt::format("whytls proxy --client-cert {} --client-key client-key.pem",
                         shell_word(attempt.host + "=client.pem"))},
            pass_through(
                context,
                "A client certificate set in Postman or your program does not pass through an intercepting proxy: set it here, "
                "or let this host through untouched.")};
    }
    problem.fixes.push_back(
        {Actor::server,
         "If clients need no certificate here, make it optional: in nginx \"ssl_verify_client optional;\".", ""});
    // A check sends nothing for a client that may have a certificate of its own.
    if (attempt.check)
        std::erase_if(problem.fixes,
                      [](const Fix& fix) { return fix.text.starts_with("A client certificate set in Postman"); });
    problem.evidence = handshake_evidence(context, failure);
    add_request(context, problem);
    return problem;
}

// What speaks against the certificate, as far as can be seen from here: a predicate of it, and the
// fix. The surest first.
struct Cause {
    std::string predicate;
    Fix fix;
};

std::vector<Cause> causes_seen(const Context& context) {
    const ClientCertificate& own = *context.attempt.client_certificate;
    const certs::Description& leaf = own.description;
    const certs::Time at = context.attempt.time;
    const std::string show =
        "openssl x509 -in " + shell_word(own.file) + " -noout -subject -issuer -dates -ext extendedKeyUsage";
    std::vector<Cause> causes;
    if (leaf.not_after < at)
        causes.push_back({fmt::format("expired {} ago", span_of_time(at.seconds - leaf.not_after.seconds)),
                          {Actor::client, "Get a new certificate from the CA that issued it.", show}});
    if (at < leaf.not_before)
        causes.push_back({fmt::format("is valid only from {}", readable(leaf.not_before)),
                          {Actor::client, "Wait, or set the clock right on the machine that made it.", show}});
    if (!own.for_clients)
        causes.push_back({fmt::format("is for {} (EKU), not for clientAuth", listed(own.purposes, 4)),
                          {Actor::client, "Have it issued with the extended key usage clientAuth.", show}});
    const tls::CertificateRequest* request = request_of(context);
    if (names_others(request))
        causes.push_back({fmt::format("is from {}, none of the CAs asked for", quoted(short_name(leaf.issuer), 20)),
                          {Actor::client, "Use a certificate from one of the CAs that the server names.", show}});
    if (own.certificates == 1 && leaf.subject != leaf.issuer && !(request != nullptr && request->names_issuer))
        causes.push_back(
            {"was sent without intermediates, if there are any",
             {Actor::client,
              "If an intermediate issued it, and no root, put the intermediates into the file too, after the client's own.",
              "cat client.pem intermediate.pem >client-chain.pem"}});
    return causes;
}

// The alerts (RFC 8446 §6.2) that say as much as a cause does.
std::string_view meaning(const tls::HandshakeFailure& failure) {
    switch (failure.alert_received.value_or(0)) {
        case 44: return "the server says that it is revoked";
        case 45: return "the server says that it has expired";
        case 48: return "the server does not trust the CA that issued it, or lacks an intermediate";
        case 49: return "the server accepts the certificate, but lets its owner not in";
        case 51: return "the server could not check the signature that proves our key";
        default: return "";
    }
}

Problem signs_nothing(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::client_certificate_rejected);
    problem.title = fmt::format("the client certificate's key makes no signature that {} takes", host(context));
    problem.detail =
        "The server lists the signatures that it accepts of clients, and this kind of key makes none of them. Nothing was sent.";
    problem.fixes = {
        {Actor::client,
         "Get a certificate for a key of another kind: EC P-256 and RSA 2048 are taken nearly everywhere.", ""},
        {Actor::server,
         "Let the server accept this kind of signature: in nginx \"ssl_conf_command ClientSignatureAlgorithms …;\".",
         ""}};
    problem.evidence = handshake_evidence(context, failure);
    add_own(context, problem);
    if (const auto& own = context.attempt.client_certificate)
        problem.evidence.push_back(row("its key", own->description.key));
    add_request(context, problem);
    return problem;
}

Problem rejected(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::client_certificate_rejected);
    const std::vector<Cause> causes = context.attempt.client_certificate ? causes_seen(context) : std::vector<Cause>();
    const std::string_view says = meaning(failure);
    problem.title = causes.empty()
                        ? fmt::format("{} refuses the client certificate: {}", shorten(context.attempt.host, 40),
                                      how_it_ended(failure))
                        : fmt::format("{} refuses the client certificate: it {}", shorten(context.attempt.host, 25),
                                      shorten(causes.front().predicate, 58));
    problem.detail = fmt::format(
        "The certificate was sent because the server asked for it; the server ended the connection with {}{}{}.",
        how_it_ended(failure), says.empty() ? "" : ": ", says);
    for (std::size_t i = 1; i < causes.size(); ++i)
        problem.detail += fmt::format(" Besides, it {}.", causes[i].predicate);
    if (!failure.alert_received) problem.detail += " It gave no reason, so that it may have another one.";
    problem.proof = failure.alert_received ? Proof::observed : Proof::likely;
    for (const Cause& cause : causes) problem.fixes.push_back(cause.fix);
    problem.fixes.push_back(
        {Actor::server,
         "Add the CA that issued the certificate to those trusted for clients (in nginx \"ssl_client_certificate\"); the "
         "server's error log names its reason.",
         ""});
    if (causes.empty() && context.attempt.client_certificate)
        problem.fixes.push_back({Actor::client, "Ask whoever runs the server which certificates it takes; this one is:",
                                 "openssl x509 -in " + shell_word(context.attempt.client_certificate->file) +
                                     " -noout -subject -issuer -dates"});
    problem.evidence = handshake_evidence(context, failure);
    add_own(context, problem);
    add_request(context, problem);
    return problem;
}

}  // namespace

bool is_about_client_certificate(const tls::HandshakeFailure& failure) {
    if (failure.kind == FailureKind::client_signature) return true;
    const int number = failure.alert_received.value_or(0);
    const bool asked = failure.certificate_requested || failure.reached == Milestone::certificate_request;
    if (failure.kind == FailureKind::alert) {
        if (number == 116) return true;
        // RFC 8446 §6.2, RFC 5246 §7.2.2: what a server may say of a certificate. Alerts 40 and 42
        // are also what it says when none came (contract §6).
        constexpr int about_certificates[] = {40, 42, 43, 44, 45, 46, 48, 49, 51};
        if (failure.certificate_sent) return std::ranges::count(about_certificates, number) > 0;
        return asked && (number == 40 || number == 42);
    }
    // In TLS 1.3 a server can say so only after the handshake, before a request. Up to 1.2 the
    // Finished does not come.
    const bool ended = failure.kind == FailureKind::closed || failure.kind == FailureKind::reset;
    return ended && (failure.certificate_sent || (failure.certificate_requested && failure.reached == Milestone::done));
}

Problem explain_client_certificate(const Context& context, const tls::HandshakeFailure& failure) {
    if (failure.kind == FailureKind::client_signature) return signs_nothing(context, failure);
    return failure.certificate_sent ? rejected(context, failure) : required(context, failure);
}

}  // namespace inspect::diagnosis
