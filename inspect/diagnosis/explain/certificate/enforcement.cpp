// What verifies here but is refused by some other clients: a rule of the profile, the key's kind,
// an underscore, its CA's own name.
#include <fmt/format.h>

#include <algorithm>

#include "certs/hostname.h"
#include "certs/path_builder.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/known/enforcement.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// "ok, but refused by Python 3.13 and later: …"; without the "ok" beside errors.
std::string refused(const std::vector<Elsewhere>& refusals, bool ok, std::string_view why) {
    return fmt::format("{}refused by {}: {}", ok ? "ok, but " : "", names_of(refusals), why);
}

void add_refusals(Problem& problem, std::vector<Elsewhere> refusals) {
    problem.severity = certs::Severity::warning;
    problem.refused_by = std::move(refusals);
    for (const Elsewhere& each : problem.refused_by)
        problem.evidence.push_back(row(std::string(each.client), each.text));
}

// Whether a host is covered by its own name, not by a wildcard.
bool is_listed(const Context& context) {
    const auto& names = context.chain.front().description.names;
    const std::string host = certs::lowered(context.attempt.host);
    return std::ranges::any_of(names, [&](const std::string& name) {
        return name.starts_with("DNS:") && certs::lowered(name.substr(4)) == host;
    });
}

Problem underscore(const Context& context) {
    const bool listed = is_listed(context);
    Problem problem = problem_of(Code::profile_violation);
    const auto refusals =
        who_refuses(listed ? Enforced::underscore_listed : Enforced::underscore_wildcard, context.attempt.host);
    problem.title = refused(refusals, true, fmt::format("{} has an underscore", shorten(context.attempt.host, 40)));
    problem.detail =
        listed
            ? "Host names have no underscores (RFC 1123 §2.1), and Java takes no such name. curl, Node, Python, GnuTLS and Go accept it."
            : "Host names have no underscores (RFC 1123 §2.1). Java takes no such name, and OpenSSL, where it matches the name itself, "
              "lets a wildcard stand for none. curl, Node, GnuTLS and Go accept it.";
    problem.evidence = {row("asked for", context.attempt.host)};
    problem.depth = 0;
    problem.fixes = {
        {Actor::server,
         listed ? "Give the host a name with a hyphen instead, and a certificate for that."
                : "Give the host a name with a hyphen instead; for Python it is enough to list the full name among the "
                  "certificate's subject alternative names.",
         ""}};
    add_refusals(problem, refusals);
    return problem;
}

Problem ed25519(const Context& context) {
    Problem problem = problem_of(Code::profile_violation);
    const auto refusals = who_refuses(Enforced::ed25519_key, context.attempt.host);
    problem.title = refused(refusals, true, "the server's key is Ed25519, which browsers do not offer");
    problem.detail =
        context.attempt.verified_file
            ? "They do not offer Ed25519 signatures, nor does the Postman app. curl, OpenSSL, Python, Node, GnuTLS, Java and Go accept it."
            : "They do not offer Ed25519 signatures, nor does the Postman app; a server that has a second certificate, RSA or ECDSA, "
              "shows them that one. curl, OpenSSL, Python, Node, GnuTLS, Java and Go accept it.";
    problem.evidence = {row("key", context.chain.front().description.key)};
    problem.depth = 0;
    problem.proof = Proof::likely;
    problem.fixes = {
        {Actor::server,
         "If browsers are to come, have a certificate for an ECDSA P-256 or RSA key, in its place or beside it.",
         "openssl ecparam -genkey -name prime256v1 -noout -out key.pem"}};
    add_refusals(problem, refusals);
    return problem;
}

// The handshake's own weakness; the certificate may be as good as any.
Problem small_group(const Context& context, std::size_t bits) {
    Problem problem = problem_of(Code::weak_dh);
    problem.title =
        fmt::format("ok, but refused by curl, Python and Node 24: the Diffie-Hellman group has {} bits", bits);
    problem.detail =
        "Groups under 2048 bits are within reach of those who can spend enough on one (Logjam), and RFC 9325 forbids them. OpenSSL refuses "
        "them at its security level 2: the default of Debian, of Python and of OpenSSL since 3.2. Node 18 to 22, Java 17 and 25 and GnuTLS "
        "3.7 take them (tried); browsers and Go offer no such suites.";
    problem.evidence = {row("group", fmt::format("{} bits", bits)), row("should have", "2048 bits or more")};
    problem.fixes = {
        {Actor::server, "Prefer ECDHE suites, or use a group of RFC 7919.", "openssl dhparam -out dhparam.pem 2048"},
        {Actor::client, "See what the server agrees to with ECDHE only.", context.s_client(" -tls1_2 -cipher ECDHE")}};
    add_refusals(problem, who_refuses(Enforced::small_dh_group, context.attempt.host));
    return problem;
}

// What is trusted is another certificate with the same name and key, such as one from before a
// renewal. RFC 5280 §6.1.1(d) takes a name and a key as an anchor, OpenSSL takes a certificate.
std::optional<Problem> predecessor_trusted(const Context& context, const certs::PathCertificate& anchor) {
    const auto& leaf = context.chain.front().description;
    if (anchor.provenance != certs::Provenance::trust_store) return std::nullopt;
    Problem problem = problem_of(Code::profile_violation);
    problem.depth = 0;
    problem.title =
        fmt::format("{}refused by curl, Python and Node: another certificate of its name and key is trusted",
                    context.attempt.verdict->accepted() ? "ok, but " : "");
    problem.detail =
        "It signs itself, and the trust store has another certificate of the same name and key, as from before a renewal. RFC 5280 "
        "(§6.1.1(d)) takes the name and the key for the anchor; OpenSSL wants exactly this certificate, and says \"self-signed "
        "certificate\" (error 18).";
    problem.evidence = {row("subject and issuer", leaf.subject), row("its SHA-256", leaf.sha256),
                        row("SHA-256 of the one trusted", certs::hex(anchor.certificate.sha256()))};
    problem.fixes = {{Actor::client, "Trust the new certificate in the place of the old one.",
                      context.attempt.verified_file ? "whytls proxy --add-trust " + shell_word(context.file()) : ""}};
    add_refusals(problem, who_refuses(Enforced::name_of_its_ca, context.attempt.host));
    return problem;
}

}  // namespace

std::optional<Problem> explain_same_name(const Context& context) {
    const auto& verdict = context.attempt.verdict;
    if (!verdict || verdict->paths.empty() || context.chain.empty()) return std::nullopt;
    const auto& path = verdict->paths.front().certificates;
    // The certificate signed itself, trusted or not, or a CA of its name that is not there signed
    // it.
    const auto wants_issuer = [](const certs::Finding& finding) {
        return finding.code == certs::Code::unknown_issuer || finding.code == certs::Code::missing_intermediate;
    };
    const bool alone = path.size() == 1 && std::ranges::none_of(verdict->problems, wants_issuer);
    if (alone || !looks_self_signed(path.front().certificate)) return std::nullopt;
    if (path.size() > 1 && certs::same_entity(path[0].certificate, path[1].certificate))
        return predecessor_trusted(context, path[1]);
    const auto& leaf = context.chain.front().description;
    Problem problem = problem_of(Code::profile_violation);
    problem.depth = 0;
    problem.title = fmt::format("{}refused by curl, Python and Node: the certificate and its CA are both called {}",
                                verdict->accepted() ? "ok, but " : "", quoted(short_name(leaf.subject), 40));
    problem.detail =
        "Another key signed it, and it is no self-signed certificate. OpenSSL goes by the names: where issuer and subject are the same and "
        "no key identifiers tell them apart, it says \"self-signed certificate\" (error 18) and looks for no issuer.";
    problem.evidence = {row("subject", leaf.subject), row("issuer", leaf.issuer)};
    problem.fixes = {
        {Actor::server,
         "Make the CA anew under a name of its own, such as \"Example CA\", and have the certificate issued again.",
         "openssl req -x509 -new -key ca-key.pem -days 3650 -subj '/CN=Example CA' -addext "
         "basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem"}};
    add_refusals(problem, who_refuses(Enforced::name_of_its_ca, context.attempt.host));
    return problem;
}

void explain_profile(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding,
                     Problem& problem) {
    const Case c{context, verdict, finding};
    const auto [field, found, wanted] = c.evidence<certs::RuleEvidence>();
    const std::string_view rule = finding.rule.empty() ? "RFC 5280" : finding.rule;
    const auto enforced = enforced_by_somebody(verdict, finding);
    const auto refusals = enforced ? who_refuses(*enforced, context.attempt.host) : std::vector<Elsewhere>();
    problem.evidence = {row("field", field), row("is", found), row("should be", wanted)};
    problem.fixes = {{Actor::server, fmt::format("At the next issuance make {} {}.", field, wanted), ""}};
    if (refusals.empty() || finding.severity == certs::Severity::error) {
        problem.title = who_is(c, fmt::format("breaks {}: {} is {}", rule, field, shorten(found, 40)));
        const std::string_view who =
            known_to_be_accepted({field, found, wanted})
                ? "curl, Node, GnuTLS, Java 17, Go 1.19 and Python 3.12 and 3.13 accept it (tried)"
                : "No client is known to refuse it, and none was tried";
        problem.detail = fmt::format("The rule wants {} to be {}. {}; a linter or an auditor will find it.", field,
                                     wanted, refusals.empty() ? std::string(who) : names_of(refusals) + " refuse it");
    } else {
        problem.title = refused(refusals, verdict.accepted(),
                                fmt::format("{}: {} is {}", c.who(c.depth(), 20), field, shorten(found, 20)));
        problem.detail = fmt::format(
            "{} wants {} to be {}. Clients that enforce the rule refuse the chain; the others, whytls among them, let it pass.",
            rule, field, wanted);
    }
    if (!refusals.empty() && finding.severity != certs::Severity::error) add_refusals(problem, refusals);
    problem.evidence.push_back(row("rule", std::string(rule)));
}

std::vector<Problem> explain_enforcement(const Context& context) {
    std::vector<Problem> problems;
    const auto& verdict = context.attempt.verdict;
    if (!verdict || !verdict->accepted() || context.chain.empty()) return problems;
    if (context.chain.front().description.key == "Ed25519") problems.push_back(ed25519(context));
    if (context.attempt.host.contains('_')) problems.push_back(underscore(context));
    constexpr std::size_t enough = 2048;
    const auto& handshake = context.attempt.handshake;
    if (handshake && handshake->dh_bits.value_or(enough) < enough)
        problems.push_back(small_group(context, *handshake->dh_bits));
    return problems;
}

}  // namespace inspect::diagnosis
