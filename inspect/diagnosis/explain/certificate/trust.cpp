// Why no one vouches for the chain: what other tools call "unable to get local issuer certificate",
// split into its causes.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/server_name.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/certificate/issuance.h"
#include "inspect/diagnosis/explain/certificate/name_order.h"
#include "inspect/diagnosis/explain/certificate/unsent_issuer.h"
#include "inspect/diagnosis/known/public_roots.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::IssuerEvidence;

constexpr std::string_view trust_ca = "whytls proxy --add-trust your-root.pem";

Fix add_root(const Case& c) {
    return {
        Actor::client,
        fmt::format(
            "If the CA is yours or your company's, get its root from whoever runs it (not from this {}), compare the SHA-256, "
            "and add it.",
            c.offline() ? "file" : "connection"),
        std::string(trust_ca)};
}

Fix trust_system_wide() {
    return {Actor::client, "To trust it in the whole system (Debian, Ubuntu).",
            "sudo cp your-root.pem /usr/local/share/ca-certificates/your-root.crt && sudo update-ca-certificates"};
}

// "is not among the 144 roots trusted here"
std::string not_trusted_here(const Case& c) {
    return c.verdict.anchors == 1 ? "is not the one root trusted here"
                                  : fmt::format("is not among the {} trusted here", counted(c.verdict.anchors, "root"));
}

// "which browsers stopped trusting in 2018"
std::string fate_of(const PublicRoot& root) {
    switch (root.fate) {
        case PublicRoot::Fate::expired: return fmt::format("which expired on {}", root.when);
        case PublicRoot::Fate::distrusted:
            return fmt::format("which browsers stopped trusting in {}", root.when.substr(0, 4));
        case PublicRoot::Fate::limited: return fmt::format("which browsers trust up to {} only", root.when);
        case PublicRoot::Fate::leaked: return fmt::format("whose private key has been public since {}", root.when);
    }
    return "";
}

void tell_public_root(const Case& c, Problem& problem, const PublicRoot& root) {
    problem.detail = fmt::format("{} It is recognised only by its name.", root.happened);
    problem.proof = Proof::likely;
    problem.evidence.push_back(row("what is known of it", fmt::format("{}, {}", root.title, fate_of(root))));
    problem.fixes = {{root.fate == PublicRoot::Fate::leaked ? Actor::client : Actor::server, std::string(root.fix),
                      c.connect_command(" -showcerts")}};
    if (root.fate == PublicRoot::Fate::expired)
        problem.fixes.push_back({Actor::client,
                                 "If this machine's trust store is old, update it, so that it has the newer root.",
                                 "sudo apt-get install --only-upgrade ca-certificates"});
}

void tell_private_ca(const Case& c, Problem& problem, std::vector<std::string> signs) {
    problem.detail =
        "Public CAs do not look like that. Such a certificate is as good as the way in which you came to the CA's root; programs trust it "
        "once they are given that root.";
    problem.proof = Proof::likely;
    problem.evidence.push_back({"signs of a private CA", "", "", std::move(signs)});
    problem.fixes = {add_root(c),
                     trust_system_wide(),
                     {Actor::server, "If the public should reach the server, use a certificate from a public CA.", ""}};
}

// Recognised by the name of the issuer: a TLS inspection product, a debugging proxy, a development
// CA. Its own fix is put first later on.
bool told_provider(const Case& c, Problem& problem, std::string_view rest) {
    const Provider* provider = c.context.provider;
    if (provider == nullptr || provider->kind == Provider::Kind::service) return false;
    const std::string_view title = provider->title;
    switch (provider->kind) {
        case Provider::Kind::service:
        case Provider::Kind::default_certificate:
        case Provider::Kind::local_ca:
            problem.title = fmt::format("the certificate is from {}, {}", title, rest);
            problem.detail =
                "Its CA was made on one machine or for one purpose, and only programs that were given its root trust it.";
            break;
        case Provider::Kind::inspection:
            problem.title = fmt::format("the certificate is from {}, which decrypts TLS on the way, {}", title, rest);
            problem.detail =
                "It takes the place of the server's own certificate. Programs on this machine trust it once they know its root.";
            break;
        case Provider::Kind::debugging_proxy:
        case Provider::Kind::whytls:
            problem.title = fmt::format("the certificate is from {}, another proxy on the way, {}", title, rest);
            problem.detail =
                "It takes the place of the server's own certificate. Programs trust it once they know its root.";
            break;
    }
    problem.evidence.push_back(row("recognised", std::string(title), "by the issuer's name"));
    problem.fixes = {add_root(c)};
    return true;
}

// Trusting a certificate that is for another name, or out of date, mends nothing.
Fix trust_exactly(const Case& c) {
    const bool expired = std::ranges::any_of(c.verdict.problems, [](const certs::Finding& other) {
        return (other.code == certs::Code::expired || other.code == certs::Code::not_yet_valid) && other.depth == 0;
    });
    if (!c.covers_host() || expired) {
        const std::string asked = c.wanted_name();
        const std::string kind = is_address(asked) ? "IP:" : "DNS:";
        return {
            Actor::server,
            fmt::format(
                "If it is your own server, make it a new certificate for {}; trusting this one is not enough, as {}.",
                shorten(asked, 60), c.covers_host() ? "its dates are wrong" : "it does not cover that name"),
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out server.pem -days 90 -subj "
            "/CN=self-signed -addext basicConstraints=critical,CA:FALSE -addext " +
                shell_word("subjectAltName=" + kind + asked)};
    }
    return {
        Actor::client,
        fmt::format(
            "If it is your own server, trust exactly this certificate: {}compare its SHA-256 with the server's, and add it.",
            c.offline() ? "" : "save it, "),
        c.offline() ? "whytls proxy --add-trust " + shell_word(c.context.file())
                    : c.leaf_into("openssl x509 >server.pem && whytls proxy --add-trust server.pem")};
}

// By the local CA of this machine's whytls; nullopt for a name that it issues nothing for.
std::optional<Fix> issue_locally(const Case& c, std::string text) {
    const auto name = certs::server_name(c.wanted_name());
    if (!name) return std::nullopt;
    std::string ca_dir;
    for (const GivenOption& each : c.context.attempt.given)
        if (each.name == "--ca-dir") ca_dir = " --ca-dir " + shell_word(each.value);
    return Fix{Actor::server, std::move(text),
               fmt::format("whytls ca issue{0} {1} && whytls ca install{0}", ca_dir, shell_word(*name))};
}

// An anchor has the certificate's name, but another key.
void tell_remade(const Case& c, Problem& problem) {
    problem.title =
        fmt::format("the certificate of {} signs itself; one of its name is trusted, with another key", c.host());
    problem.detail =
        "Either it was made again with a new key, and this machine trusts the old one, or another server uses that name. It proves nothing "
        "about the server, unless you know it from elsewhere.";
}

void self_signed(const Case& c, Problem& problem) {
    problem.title =
        fmt::format("the certificate of {} signs itself; no one in the trust store vouches for it", c.host());
    problem.detail =
        "Its issuer is its own subject, so it proves nothing about the server, unless you know that certificate from elsewhere. In "
        "development that is usual.";
    const Provider* provider = c.context.provider;
    const bool placeholder = provider != nullptr && provider->kind == Provider::Kind::default_certificate;
    if (placeholder)
        problem.detail = fmt::format("It is {}: the server has no certificate for the host.", provider->title);
    problem.evidence = {row("subject and issuer", c.certificate(0) != nullptr && !c.certificate(0)->subject.empty()
                                                      ? c.certificate(0)->subject
                                                      : "(empty)")};
    // A placeholder, which a server shows until it has a certificate, is not to be trusted.
    if (placeholder) {
        problem.evidence.push_back(row("recognised", std::string(provider->title), "by its name"));
        return;
    }
    if (!c.evidence<IssuerEvidence>().found.empty()) tell_remade(c, problem);
    problem.fixes = {trust_exactly(c), issue(c.context, "Install a certificate from a public CA.",
                                             "sudo certbot certonly -d " + shell_word(c.owner()))};
    // No public CA certifies such a name, and a server on this machine or in its network is most
    // likely one's own.
    const bool own = is_private_host(c.wanted_name());
    const auto local = issue_locally(
        c,
        own ? "If it is your own server, let the local CA of whytls issue its certificate, set the server up with the two files, and trust that CA once."
            : "For development, let a local CA issue it, which every machine trusts once.");
    if (local) problem.fixes.insert(own ? problem.fixes.begin() : problem.fixes.end(), *local);
}

void untrusted_root(const Case& c, Problem& problem) {
    const auto issuer = c.evidence<IssuerEvidence>();
    const std::size_t last = c.finding.depth.value_or(c.context.chain.empty() ? 0 : c.context.chain.size() - 1);
    const certs::Description* shown = c.certificate(last);
    const std::string subject = shown != nullptr ? shown->subject : issuer.wanted;
    std::string called = c.name(last);
    if (called.empty()) called = short_name(subject);
    problem.evidence = {row("root of the chain", subject)};
    if (shown != nullptr) problem.evidence.push_back(row("its SHA-256", shown->sha256));

    const PublicRoot* known = find_public_root(subject);
    if (known == nullptr && !issuer.found.empty()) {
        problem.title = fmt::format(
            "the chain ends in {}; a root of that name, with another key, is in the trust store", quoted(called, 40));
        return tell_namesake(c, problem, issuer, true);
    }
    if (told_provider(c, problem, fmt::format("and its root {}", not_trusted_here(c)))) return;
    if (known != nullptr) {
        problem.title =
            fmt::format("the chain ends in a root not trusted here: {}, {}", quoted(called, 30), fate_of(*known));
        return tell_public_root(c, problem, *known);
    }
    if (auto signs = private_signs(c.context, subject); signs.size() >= 2) {
        problem.title = fmt::format("the chain ends in {}, most likely a private CA, which {}", quoted(called, 30),
                                    not_trusted_here(c));
        return tell_private_ca(c, problem, std::move(signs));
    }
    problem.title = fmt::format("the chain ends in the root {}, which {}", quoted(called, 40), not_trusted_here(c));
    problem.detail =
        "The chain is complete, but its root is not in the trust store in force: a private or corporate CA, a TLS inspection product, or a "
        "CA that the store dropped.";
    problem.fixes = {add_root(c),
                     trust_system_wide(),
                     {Actor::server, "If the public should reach it, use a certificate from a public CA.", ""}};
}

void add_issuer_rows(const Case& c, Problem& problem, const IssuerEvidence& issuer) {
    problem.evidence = {row("issuer needed", issuer.wanted),
                        row(std::string(c.sent_label()), std::to_string(c.verdict.sent()))};
    if (c.verdict.not_looked_at > 0)
        problem.evidence.push_back(row("not looked at", fmt::format("the last {}, beyond the first {}",
                                                                    c.verdict.not_looked_at, c.verdict.served.size())));
    if (!issuer.found.empty() && issuer.from == certs::Provenance::served)
        problem.evidence.push_back(row(c.offline() ? "there instead" : "sent instead", issuer.found));
}

// What is there instead of the issuer has the issuer's name except for the order of its attributes,
// which counts (RFC 5280 §7.1).
bool is_reordered(const IssuerEvidence& issuer) {
    return !issuer.found.empty() && differ_only_in_order(issuer.found, issuer.wanted);
}

std::string reordered_title(const Case& c, const IssuerEvidence& issuer) {
    return fmt::format("the name of {}, which {}, has its attributes in another order than the issuer's in {}",
                       quoted(short_name(issuer.found), 20), c.offline() ? "the file holds" : "was sent",
                       c.who(c.depth(), 15));
}

constexpr std::string_view reordered_detail =
    "Both names have the same attributes, and look alike; but names are compared in their order (RFC 5280 §7.1), so that this certificate is "
    "not the issuer's.";

std::string_view found_where(certs::Provenance provenance) {
    switch (provenance) {
        case certs::Provenance::aia: return "fetched from the address below";
        case certs::Provenance::seen_before: return "remembered from another server's chain";
        case certs::Provenance::untrusted_file: return "found in a file given with --untrusted";
        case certs::Provenance::served:
        case certs::Provenance::trust_store: return "";
    }
    return "";
}

void missing_intermediate(const Case& c, Problem& problem, bool alone) {
    const auto issuer = c.evidence<IssuerEvidence>();
    const std::string wanted = short_name(issuer.wanted);
    const bool namesake = issuer.found == issuer.wanted;
    if (issuer.found.empty())
        problem.title = fmt::format("{} but not the issuer, the intermediate {}", c.sent(), quoted(wanted, 45));
    else
        problem.title =
            fmt::format("{} {}, {} the issuer: that is the intermediate {}",
                        c.offline() ? "the file holds" : "the server sent", quoted(short_name(issuer.found), 25),
                        namesake ? "with another key than" : "which is not", quoted(wanted, 25));
    if (is_reordered(issuer)) problem.title = reordered_title(c, issuer);
    problem.detail =
        "The missing certificate exists and completes the chain, but every server must send it itself. Browsers "
        "fetch or remember intermediates, so the site works there and fails in curl, Node, Java, Python and Go.";
    if (is_reordered(issuer)) problem.detail = fmt::format("{} {}", reordered_detail, problem.detail);
    add_issuer_rows(c, problem, issuer);
    if (c.depth() + 1 < c.context.chain.size()) {
        const ChainCertificate& missing = c.context.chain[c.depth() + 1];
        problem.evidence.push_back(
            row("its SHA-256", missing.description.sha256, std::string(found_where(missing.provenance))));
    }
    if (!issuer.aia_url.empty())
        problem.evidence.push_back(row("to be had from", issuer.aia_url, "the certificate itself says so (AIA)"));
    // Where there is another error too, no chain is known that would verify.
    const bool reachable = c.offline() || c.context.attempt.check || !c.context.attempt.proxy_address.empty();
    if (alone && reachable && !c.context.chain.empty()) problem.fixes.push_back(take_fixed_chain(c));
    problem.fixes.push_back(append_issuer(issuer, true));
    problem.fixes.push_back(trust_intermediate());
}

// As far as can be seen, a root above the issuer is trusted here: then the issuer is an
// intermediate, and only left out.
void tell_kin(const Case& c, Problem& problem, const IssuerEvidence& issuer) {
    const bool several = issuer.kin_count > 1;
    problem.title =
        fmt::format("{} {}: most likely an intermediate of {}", quoted(short_name(issuer.wanted), 25),
                    c.offline() ? "is not in the file" : "was not sent",
                    several ? fmt::format("one of that organisation's {} roots trusted here", issuer.kin_count)
                            : quoted(short_name(issuer.kin), 25) + ", which is trusted here");
    problem.detail = fmt::format(
        "It issued {}, and a root that is trusted here {}: a server that leaves out its intermediate looks like that. If {} "
        "stands below another root, that one is not trusted here.",
        c.who(c.depth(), 20),
        issuer.kin_named ? "is named as standing above it" : "has the same organisation in its name",
        quoted(short_name(issuer.wanted), 25));
    problem.proof = Proof::likely;
    problem.evidence.push_back(
        row(several ? "the first of those roots" : "likely the root above it", issuer.kin,
            issuer.kin_named ? "the certificate's authority key identifier says so" : "the same organisation (O)"));
    problem.fixes = {serve_issuer(c, issuer, true), add_root(c)};
}

// Only the issuer's name is known, and it looks private: whether the root above it is trusted
// cannot be seen.
void tell_private_issuer(const Case& c, Problem& problem, const IssuerEvidence& issuer,
                         std::vector<std::string> signs) {
    problem.title =
        fmt::format("{} {} and is not trusted here: an intermediate left out, or a private CA",
                    quoted(short_name(issuer.wanted), 35), c.offline() ? "is not in the file" : "was not sent");
    tell_private_ca(c, problem, std::move(signs));
    problem.detail = fmt::format(
        "It issued {}. Two causes look the same from here: an intermediate is left out whose root is trusted, or no one here trusts that "
        "CA. By the signs below it is a private one, which programs trust once they are given its root.",
        c.who(c.depth(), 20));
    problem.fixes.insert(problem.fixes.begin() + 1, serve_issuer(c, issuer, false));
}

// The issuer is there but cannot be read: nothing has to be appended.
void tell_unreadable(const Case& c, Problem& problem, const IssuerEvidence& issuer) {
    const std::size_t place = place_of(c, *issuer.unreadable);
    problem.title = fmt::format("the issuer {} of {} is certificate {} {}, which cannot be read",
                                quoted(short_name(issuer.wanted), 30), c.who(c.depth(), 20), place,
                                c.offline() ? "in the file" : "of those sent");
    problem.detail = "Without it no path leads on; what is wrong with it is told apart.";
    problem.fixes = {{Actor::server, fmt::format("Put one that can be read in the place of certificate {}.", place),
                      c.connect_command(" -showcerts")}};
}

// The issuer may be among the certificates that are not looked at.
void tell_not_looked_at(const Case& c, Problem& problem, const std::string& wanted) {
    problem.title = fmt::format("the issuer {} of {} is not among the first {} of {} certificates {}",
                                quoted(wanted, 30), c.who(c.depth(), 20), c.verdict.served.size(), c.verdict.sent(),
                                c.offline() ? "in the file" : "sent");
    problem.detail = "What comes after these is not looked at, so that the work stays bounded: a limit of whytls.";
    problem.our_limit = true;
    problem.fixes = {{Actor::server, "Send only the certificate and its intermediates, in order.",
                      c.connect_command(" -showcerts")}};
}

bool gave_roots(const Attempt& attempt) {
    return std::ranges::any_of(
        attempt.given, [](const GivenOption& each) { return each.name == "--trust" || each.name == "--add-trust"; });
}

void tell_another_ca(const Case& c, Problem& problem, const IssuerEvidence& issuer) {
    problem.title = fmt::format(
        "the issuer of {} is {}, but {} {} instead", c.who(c.depth(), 20), quoted(short_name(issuer.wanted), 25),
        c.offline() ? "the file holds" : "the server sent", quoted(short_name(issuer.found), 25));
    problem.detail =
        "That CA certificate does not belong to the chain. Mostly the certificate was renewed and came from another intermediate, "
        "while the old one stayed in the server's file.";
}

void unknown_issuer(const Case& c, Problem& problem) {
    const auto issuer = c.evidence<IssuerEvidence>();
    const std::string wanted = short_name(issuer.wanted), child = c.who(c.depth(), 20);
    const std::string_view not_there = c.offline() ? "is not in the file" : "was not sent";
    add_issuer_rows(c, problem, issuer);
    if (issuer.unreadable) return tell_unreadable(c, problem, issuer);
    if (!issuer.aia_url.empty())
        problem.evidence.push_back(row("to be had from", issuer.aia_url, "the certificate itself says so (AIA)"));
    const bool in_vain = fetched_in_vain(c);
    problem.fixes = {append_issuer(issuer, !issuer.aia_url.empty() && !in_vain),
                     {Actor::client, "If a private CA issued it, get its root from whoever runs it and add it.",
                      std::string(trust_ca)}};

    if (c.verdict.not_looked_at > 0) return tell_not_looked_at(c, problem, wanted);
    const PublicRoot* known = find_public_root(issuer.wanted);
    if (known == nullptr && !issuer.found.empty() && issuer.found == issuer.wanted) {
        const bool anchor = issuer.from == certs::Provenance::trust_store;
        problem.title = anchor ? fmt::format("a root of the issuer's name, {}, with another key, is in the trust store",
                                             quoted(wanted, 30))
                               : fmt::format("the CA certificate {} {} has another key than the issuer of {}",
                                             quoted(wanted, 30), c.offline() ? "in the file" : "that was sent", child);
        return tell_namesake(c, problem, issuer, false);
    }
    if (told_provider(c, problem, fmt::format("and its CA {} and is not trusted here", not_there))) return;
    if (known != nullptr) {
        problem.title = fmt::format("the issuer of {} is {}, {}", child, quoted(wanted, 30), fate_of(*known));
        return tell_public_root(c, problem, *known);
    }
    if (is_reordered(issuer)) {
        problem.title = reordered_title(c, issuer);
        problem.detail = reordered_detail;
        problem.fixes.front() = {
            Actor::server,
            "Serve the CA certificate whose name has that order, or have the certificate issued again by the CA as it is "
            "named now.",
            c.connect_command(" -showcerts")};
        return;
    }
    if (!issuer.found.empty()) return tell_another_ca(c, problem, issuer);
    // Whoever said which roots are trusted has the private CA's among them: that the issuer looks
    // private says nothing then.
    auto signs = gave_roots(c.context.attempt) ? std::vector<std::string>() : private_signs(c.context, issuer.wanted);
    if (!issuer.kin.empty() || signs.size() >= 2) {
        if (issuer.kin.empty())
            tell_private_issuer(c, problem, issuer, std::move(signs));
        else
            tell_kin(c, problem, issuer);
        return;
    }
    problem.title = fmt::format("the issuer {} of {} {} and is not trusted here", quoted(wanted, 35), child, not_there);
    problem.detail = fmt::format(
        "Without that certificate no path leads from the server to a trusted root: the server leaves out an intermediate, or a private CA "
        "issued the certificate.{}",
        issuer.aia_url.empty() || in_vain
            ? ""
            : " As the certificate says where its issuer is to be had, the first is likelier.");
    if (in_vain) std::ranges::reverse(problem.fixes);
}

}  // namespace

Problem explain_trust(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding,
                      bool alone) {
    const Case c{context, verdict, finding};
    Problem problem = problem_of(code_of(finding.code));
    if (finding.code == certs::Code::self_signed)
        self_signed(c, problem);
    else if (finding.code == certs::Code::untrusted_root)
        untrusted_root(c, problem);
    else if (finding.code == certs::Code::missing_intermediate)
        missing_intermediate(c, problem, alone);
    else {
        unknown_issuer(c, problem);
        tell_sought(c, problem);
    }
    return problem;
}

}  // namespace inspect::diagnosis
