// What verification found, in words: one function for each kind of finding. Every title has the two
// values that disagree.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::Finding;

void not_a_ca(const Case& c, Problem& problem) {
    problem.title = fmt::format("{} signed a certificate but is not a CA (basicConstraints cA is missing)", c.who());
    problem.detail =
        "Only certificates marked as a CA may sign others (RFC 5280 §4.2.1.9); otherwise the owner of any certificate could make one for "
        "your bank.";
    problem.evidence = {row("signer", c.certificate(c.depth()) != nullptr ? c.certificate(c.depth())->subject : ""),
                        row("needed", "basicConstraints with cA = TRUE")};
    problem.fixes = {
        {Actor::server,
         "Issue from a proper CA certificate; if you run the CA, make it with basicConstraints=critical,CA:TRUE.",
         "openssl req -x509 -new -key ca-key.pem -days 3650 -subj '/CN=My CA' -addext basicConstraints=critical,CA:TRUE "
         "-addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem"}};
}

void issuer_key_usage(const Case& c, Problem& problem) {
    const auto purpose = c.evidence<certs::PurposeEvidence>();
    problem.title = fmt::format("{} may not sign certificates: key usage is {}, not keyCertSign", c.who(),
                                purpose.allowed.empty() ? "empty" : shorten(listed(purpose.allowed, 3), 40));
    problem.detail = "A CA's key usage must include keyCertSign (RFC 5280 §4.2.1.3).";
    problem.evidence = {row("key usage found", purpose.allowed.empty() ? "none" : listed(purpose.allowed, 12)),
                        row("needed", "keyCertSign")};
    problem.fixes = {
        {Actor::server,
         "Issue the CA certificate again with keyUsage=critical,keyCertSign,cRLSign, then the certificates below it.",
         "openssl x509 -in ca.pem -noout -ext keyUsage,basicConstraints"}};
}

void wrong_purpose(const Case& c, Problem& problem) {
    const auto purpose = c.evidence<certs::PurposeEvidence>();
    const std::string needed = purpose.needed.empty() ? "serverAuth" : purpose.needed;
    problem.title = fmt::format("{} is for {}, not for TLS servers ({})", c.who(),
                                purpose.allowed.empty() ? "no purpose" : shorten(listed(purpose.allowed, 2), 40),
                                shorten(needed, 20));
    problem.detail =
        "The extended key usage lists what a certificate is good for; TLS servers need serverAuth (RFC 5280 §4.2.1.12).";
    problem.evidence = {row("purposes found", purpose.allowed.empty() ? "none" : listed(purpose.allowed, 12)),
                        row("needed", needed)};
    problem.fixes = {
        {Actor::server,
         "Issue the certificate from a profile for servers (extendedKeyUsage=serverAuth); a client or code-signing "
         "certificate cannot serve.",
         "openssl x509 -in cert.pem -noout -ext extendedKeyUsage"}};
}

void path_length(const Case& c, Problem& problem) {
    const auto length = c.evidence<certs::LengthEvidence>();
    problem.title = fmt::format("{} allows {} below it, but {} follow{}", c.who(), counted(length.allowed, "CA"),
                                length.found, length.found == 1 ? "s" : "");
    problem.detail = "Its pathLenConstraint limits how many intermediate CAs may follow (RFC 5280 §4.2.1.9).";
    problem.evidence = {row("allowed below it", std::to_string(length.allowed)),
                        row("found", std::to_string(length.found))};
    problem.fixes = {
        {Actor::server,
         "Issue the certificate from a CA higher in the chain, or have the constrained CA certificate issued with a larger path length.",
         "openssl x509 -in ca.pem -noout -ext basicConstraints"}};
}

void name_constraint(const Case& c, Problem& problem) {
    const auto constraint = c.evidence<certs::ConstraintEvidence>();
    const std::string whose =
        constraint.constrained_by.empty() ? "a CA above" : quoted(short_name(constraint.constrained_by), 25);
    const std::size_t more = constraint.names_total > 1 ? constraint.names_total - 1 : 0;
    problem.title = fmt::format("{} may not certify {}{}: its constraint is {}", whose, shorten(constraint.name, 30),
                                more > 0 ? fmt::format(" and {} more", more) : "", shorten(constraint.constraint, 30));
    problem.detail =
        "The CA is restricted to certain names, and the certificate carries one outside of them (RFC 5280 §4.2.1.10). One such name spoils "
        "the whole certificate.";
    problem.evidence = {
        EvidenceRow{
            more > 0 ? "names it may not certify" : "name in the certificate", more > 0 ? "" : constraint.name, "", {}},
        row("constraint", constraint.constraint, more > 0 ? "of the first of them" : "")};
    if (more > 0) problem.evidence[0].values = constraint.names;
    if (more >= constraint.names.size() && more > 0)
        problem.evidence[0].note = fmt::format("and {} more", constraint.names_total - constraint.names.size());
    if (!constraint.constrained_by.empty())
        problem.evidence.push_back(row("constrained CA", constraint.constrained_by));
    // Where a constraint begins with a dot, OpenSSL and others apply it only to the names below it.
    if (constraint.name.starts_with("DNS:") && constraint.constraint == "permitted DNS:." + constraint.name.substr(4)) {
        problem.detail +=
            " Its constraint begins with a dot, which leaves that very name out; without the dot it covers the name and all below.";
        problem.fixes.push_back(
            {Actor::server,
             "Have the CA certificate issued with the constraint without its dot: it then covers the name and all below it.",
             "openssl x509 -in ca.pem -noout -ext nameConstraints"});
    }
    problem.fixes.push_back({Actor::server,
                             more > 0 ? "Issue the certificate without those names, or from a CA that may certify them."
                                      : "Issue the certificate without that name, or from a CA that may certify it.",
                             "openssl x509 -in ca.pem -noout -ext nameConstraints"});
}

void critical_extension(const Case& c, Problem& problem) {
    const auto extension = c.evidence<certs::ExtensionEvidence>();
    problem.title = fmt::format("{} has the critical extension {}, which is not understood", c.who(),
                                shorten(extension.name.empty() ? extension.oid : extension.name, 40));
    problem.detail =
        is_misplaced_critical(extension.oid)
            ? "It must not be critical (RFC 5280 §4.2): OpenSSL (curl, Node, Python), Java and Go 1.24 then refuse it. Go 1.19 and GnuTLS "
              "(3.7 and 3.8) let it pass."
            : "An extension marked critical must be understood or the certificate refused (RFC 5280 §4.2); every client does so.";
    problem.evidence = {row("extension", extension.oid, extension.name)};
    problem.fixes = {{Actor::server, "Issue the certificate without that extension, or with it not critical.",
                      "openssl x509 -in cert.pem -noout -text | grep -A1 critical"}};
}

void policy(const Case& c, Problem& problem) {
    problem.title =
        fmt::format("a CA above demands a certificate policy, and none is valid for the path of {}", c.host());
    problem.detail =
        "The extension policyConstraints requires an explicit policy, and the policies of the certificates have none in common (RFC 5280 §6.1, RFC "
        "9618).";
    problem.evidence = {row("asked for", c.context.attempt.host),
                        row("certificate", c.name(0).empty() ? "(no name)" : c.name(0))};
    problem.fixes = {{Actor::server, "Have the certificate issued with a policy that its CA allows.",
                      "openssl x509 -in cert.pem -noout -ext certificatePolicies"}};
}

// "number 1", the certificate that this one is a copy of.
std::string original_of(const Case& c, std::size_t position) {
    const auto& served = c.verdict.served;
    if (!served[position].certificate) return "";
    for (std::size_t i = 0; i < served.size(); ++i)
        if (i != position && place_of(c, i) < place_of(c, position) &&
            served[i].certificate == served[position].certificate)
            return fmt::format("number {}", place_of(c, i));
    return "";
}

// "number 3, CN=Unrelated": a certificate by its position among those sent.
std::string sent_as(const Case& c, std::size_t position) {
    const auto& sent = c.verdict.served[position].certificate;
    if (!sent) return fmt::format("number {}, which cannot be read", place_of(c, position));
    const std::string subject = certs::describe(*sent).subject, original = original_of(c, position);
    return fmt::format("number {}, {}{}", place_of(c, position),
                       subject.empty() ? "without a subject" : shorten(subject, 120),
                       original.empty() ? "" : ", a copy of " + original);
}

void extra_certificates(const Case& c, Problem& problem) {
    constexpr std::size_t most = 8;
    auto extra = c.evidence<certs::ExtraEvidence>().positions;
    std::erase_if(extra, [&](std::size_t position) { return position >= c.verdict.served.size(); });
    EvidenceRow rows{"not needed", "", "", {}};
    std::vector<std::string> names;
    for (const std::size_t position : extra) {
        if (names.size() == most) break;
        const auto& sent = c.verdict.served[position].certificate;
        const std::string called = sent ? short_name(certs::describe(*sent).subject) : "";
        rows.values.push_back(sent_as(c, position));
        names.push_back(called.empty() ? fmt::format("number {}", place_of(c, position))
                                       : fmt::format("number {} {}", place_of(c, position), quoted(called, 20)));
        if (const std::string original = original_of(c, position); !original.empty())
            names.back() += ", a copy of " + original;
    }
    if (extra.size() > most) rows.note = fmt::format("and {} more", extra.size() - most);
    problem.title = fmt::format("of the {} {} {} not needed: {}", counted(c.verdict.sent(), "certificate"),
                                c.offline() ? "in the file" : "sent", extra.size() == 1 ? "one is" : "some are",
                                listed(names, 2, extra.size()));
    problem.detail = "Harmless for most clients, but slower, and old ones can be led astray.";
    problem.evidence.push_back(std::move(rows));
    if (c.verdict.not_looked_at > 0)
        problem.evidence.push_back(row("not looked at", fmt::format("the last {}, beyond the first {}",
                                                                    c.verdict.not_looked_at, c.verdict.served.size())));
}

void served_chain(const Case& c, Problem& problem) {
    const std::size_t sent = c.verdict.sent();
    const std::string_view order =
        "Send the certificate, then each issuer of the one before it, without the root: that is what fullchain.pem holds.";
    const std::size_t own = c.leaf_position();
    if (c.finding.code == certs::Code::chain_order && own > 0) {
        problem.title = fmt::format(
            "the file begins with a CA's certificate; the server's own, which was judged, is number {} of {}", own + 1,
            sent);
        problem.detail =
            "A server sends the certificates as they stand in its file, and takes the first for its own: with this file it would not start, or "
            "no client could connect (RFC 8446 §4.4.2).";
    } else if (c.finding.code == certs::Code::chain_order) {
        problem.title =
            fmt::format("the {} certificates {} out of order", sent, c.offline() ? "in the file are" : "were sent");
        problem.detail =
            "TLS 1.2 demands the order leaf, issuer, its issuer (RFC 5246 §7.4.2). Most clients sort; some fail.";
    } else if (c.finding.code == certs::Code::root_served) {
        problem.title = c.offline()
                            ? fmt::format("{} and the root among them, which no client needs to be sent", c.sent())
                            : fmt::format("the server sends {} and the root among them, which no client needs",
                                          counted(sent, "certificate"));
        problem.detail = "A client trusts its own copy of a root, or none; the bytes are wasted in each handshake.";
    } else {
        extra_certificates(c, problem);
    }
    problem.evidence.insert(problem.evidence.begin(), row(std::string(c.sent_label()), std::to_string(sent)));
    problem.fixes = {{Actor::server, std::string(order), c.connect_command(" -showcerts")}};
    if (c.finding.code == certs::Code::chain_order) tell_order(c, problem);
}

bool is_remark(const Problem& problem) {
    return problem.code == Code::profile_violation && problem.severity == certs::Severity::notice;
}

bool is_of_strange_ca(const std::vector<Problem>& problems) {
    return std::ranges::any_of(problems, [](const Problem& problem) {
        return problem.severity == certs::Severity::error &&
               (problem.code == Code::unknown_issuer || problem.code == Code::untrusted_root ||
                problem.code == Code::self_signed);
    });
}

// A private CA makes its certificates by its own rules: what all of them break of the public rules
// is one line.
void fold_remarks(std::vector<Problem>& problems) {
    if (std::ranges::count_if(problems, is_remark) < 2) return;
    Problem folded = problem_of(Code::profile_violation);
    folded.severity = certs::Severity::notice;
    std::vector<std::string> fields;
    for (const Problem& problem : problems) {
        if (!is_remark(problem)) continue;
        if (std::ranges::find(fields, problem.evidence.front().value) == fields.end())
            fields.push_back(problem.evidence.front().value);
        folded.evidence.push_back(row(problem.evidence.back().value, problem.title));
    }
    folded.title = fmt::format("the chain breaks {} that no client is known to enforce, about {}",
                               counted(folded.evidence.size(), "rule"), listed(fields, 2));
    folded.detail =
        "Nothing is known to fail because of them. A private CA is free to do this; --profile strict makes errors of them, each by itself.";
    folded.fixes = {{Actor::server,
                     "Mend the certificates' profile at the next issuance, if their CA is to keep the public rules.",
                     ""}};
    const auto first = std::ranges::find_if(problems, is_remark);
    *first = std::move(folded);
    problems.erase(std::remove_if(first + 1, problems.end(), is_remark), problems.end());
}

Problem words_for(const Case& c, bool alone) {
    if (c.finding.code == certs::Code::hostname_mismatch || c.finding.code == certs::Code::no_subject_alt_name)
        return explain_hostname(c.context, c.finding, alone);
    Problem problem = problem_of(code_of(c.finding.code));
    switch (c.finding.code) {
        case certs::Code::hostname_mismatch:
        case certs::Code::no_subject_alt_name: break;
        case certs::Code::expired:
        case certs::Code::not_yet_valid: explain_dates(c, problem); break;
        case certs::Code::self_signed:
        case certs::Code::untrusted_root:
        case certs::Code::missing_intermediate:
        case certs::Code::unknown_issuer: return explain_trust(c.context, c.verdict, c.finding, alone);
        case certs::Code::bad_signature: explain_bad_signature(c, problem); break;
        case certs::Code::weak_signature: explain_weak_signature(c, problem); break;
        case certs::Code::weak_key: explain_key(c, problem); break;
        case certs::Code::not_a_ca: not_a_ca(c, problem); break;
        case certs::Code::issuer_key_usage: issuer_key_usage(c, problem); break;
        case certs::Code::path_length: path_length(c, problem); break;
        case certs::Code::name_constraint: name_constraint(c, problem); break;
        case certs::Code::wrong_purpose: wrong_purpose(c, problem); break;
        case certs::Code::unknown_critical_extension: critical_extension(c, problem); break;
        case certs::Code::certificate_policy: policy(c, problem); break;
        case certs::Code::path_too_complex: explain_complexity(c, problem); break;
        case certs::Code::malformed_certificate: explain_malformed(c, problem); break;
        case certs::Code::revoked:
        case certs::Code::revocation_unavailable:
        case certs::Code::must_staple_missing: return explain_revocation(c.context, c.verdict, c.finding);
        case certs::Code::expires_soon: explain_expires_soon(c, problem); break;
        case certs::Code::validity_too_long: explain_long_validity(c, problem); break;
        case certs::Code::chain_order:
        case certs::Code::extra_certificates:
        case certs::Code::root_served: served_chain(c, problem); break;
        case certs::Code::profile_violation: explain_profile(c.context, c.verdict, c.finding, problem); break;
    }
    return problem;
}

}  // namespace

namespace {

// The server chooses by the name in the ClientHello, and got none.
bool shown_without_name(const Context& context, const Provider& provider) {
    const Attempt& attempt = context.attempt;
    return provider.kind == Provider::Kind::default_certificate && !attempt.verified_file && attempt.sni.empty() &&
           !provider.fix.contains("(SNI)");
}

Fix send_name(const Context& context) {
    const Attempt& attempt = context.attempt;
    return {Actor::client,
            "Send the host's name in the ClientHello (SNI): without one the server shows this certificate.",
            attempt.check ? context.check_command(attempt.port == 443 ? attempt.host : context.target(),
                                                  attempt.starttls ? starttls::name(*attempt.starttls) : "") +
                                " --servername NAME"
                          : ""};
}

}  // namespace

std::vector<Problem> explain_certificates(const Context& context, const certs::Verdict& verdict) {
    const auto errors = std::ranges::count_if(
        verdict.problems, [](const Finding& finding) { return finding.severity == certs::Severity::error; });
    std::vector<Problem> problems;
    for (const auto& finding : verdict.problems) {
        Problem problem = words_for({context, verdict, finding}, errors == 1);
        // A rule of the profile that some client enforces is more than a notice.
        if (problem.refused_by.empty()) problem.severity = finding.severity;
        problem.depth = finding.depth;
        // Who answered, and the fix for it, say more than any general advice.
        for (const Provider* known : {context.provider, context.hosted_at}) {
            if (known == nullptr || !mends(*known, problem.code)) continue;
            const Fix own = fix_of(*known, context.attempt.host);
            if (std::ranges::find(problem.fixes, own) != problem.fixes.end()) break;  // it is listed already
            problem.fixes.insert(problem.fixes.begin(), own);
            if (shown_without_name(context, *known)) problem.fixes.insert(problem.fixes.begin(), send_name(context));
            break;
        }
        problems.push_back(std::move(problem));
    }
    // A server whose CA no one here trusts need not know of public rules that no client enforces.
    if (is_of_strange_ca(problems))
        std::erase_if(problems, is_remark);
    else if (!context.attempt.root_of_system)
        fold_remarks(problems);
    return problems;
}

}  // namespace inspect::diagnosis
