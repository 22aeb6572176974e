// What the experiments after a failed handshake show, in words. A cause is shown when a trial
// without it was accepted and none with it was. It is proven, and not only likely, when that was no
// chance (is_proven_by).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"
#include "tls/suites.h"

namespace inspect::diagnosis {

namespace {

using enum Trial;
using Kind = tls::ProbeAnswer::Kind;

constexpr std::array version_trials = {tls_1_0, tls_1_1, tls_1_2, tls_1_3};
// The trials with our own SNI and ALPN.
constexpr std::array likewise = {large_hello, small_hello, tls_1_3, tls_1_2, ecdhe_suites};
constexpr std::array<std::string_view, 4> version_numbers = {"1.0", "1.1", "1.2", "1.3"};

EvidenceRow row(std::string label, std::string value, std::string note = "") {
    return {std::move(label), std::move(value), std::move(note), {}};
}

Proof proof_by(const Attempt& attempt, const Experiment& experiment) {
    return is_proven_by(attempt, experiment) ? Proof::experiment : Proof::likely;
}

std::string host(const Context& context) { return shorten(context.attempt.host, 45); }

const Experiment* accepted(const Attempt& attempt, Trial trial) {
    const Experiment* experiment = find_experiment(attempt, trial);
    return experiment != nullptr && was_accepted(*experiment) ? experiment : nullptr;
}

// Whether a ClientHello was accepted, not counting those of `but`.
bool any_accepted(const Attempt& attempt, std::initializer_list<Trial> but = {}) {
    return std::ranges::any_of(attempt.experiments, [&](const Experiment& each) {
        return is_of_tls(each.trial) && was_accepted(each) && std::ranges::find(but, each.trial) == but.end();
    });
}

// Accepted with a suite that whytls has.
bool accepted_modern(const Attempt& attempt, Trial trial) {
    const Experiment* experiment = accepted(attempt, trial);
    return experiment != nullptr && !is_obsolete(*experiment);
}

// The experiment that shows that obsolete suites are accepted, and none that whytls has.
const Experiment* only_obsolete(const Attempt& attempt) {
    for (const Trial trial :
         {tls_1_2, tls_1_3, ecdhe_suites, small_hello, large_hello, without_sni, without_alpn, alpn_h2})
        if (accepted_modern(attempt, trial)) return nullptr;
    for (const Trial trial : {obsolete_suites, tls_1_2, tls_1_3})
        if (const Experiment* experiment = accepted(attempt, trial); experiment != nullptr && is_obsolete(*experiment))
            return experiment;
    return nullptr;
}

// Suites that are not broken and that whytls lacks: other clients have them.
bool is_rare(std::string_view suite) {
    constexpr auto kinds = std::to_array<std::string_view>({"_CCM", "_CAMELLIA_", "_ARIA_"});
    return std::ranges::any_of(kinds, [&](std::string_view kind) { return suite.contains(kind); });
}

// What a suite that whytls does not have is worth.
std::string_view worth_of(std::string_view suite) {
    if (suite.contains("_CAMELLIA_") && suite.contains("_CBC_"))
        return "Camellia itself is not broken, but its suites in CBC mode are obsolete: no current client offers them unless it is told "
               "to.";
    if (suite.contains("_CCM_8"))
        return "Its authentication tag has 64 bits, for small devices: IANA does not recommend it, and curl and Node (tried) do not offer "
               "it unless they are told to; clients that have it connect.";
    if (suite.starts_with("TLS_RSA_"))
        return "It is rare, and without forward secrecy (RFC 9325 §4.1); that is no error, and clients that have it connect.";
    return "It is rare and sound: nothing is wrong with the server, and clients that have it connect.";
}

// The way round what whytls cannot do and another client may.
Fix let_through(const Context& context) {
    return pass_through(
        context,
        "Have the proxy let this host through untouched (--passthrough): its clients then speak TLS with it themselves.");
}

std::vector<std::string> accepted_versions(const Attempt& attempt) {
    std::vector<std::string> versions;
    for (std::size_t i = 0; i < version_trials.size(); ++i)
        if (accepted(attempt, version_trials[i]) != nullptr) versions.emplace_back(version_numbers[i]);
    return versions;
}

bool is_offered(const Attempt& attempt, std::string_view version) {
    if (version == "1.2") return attempt.versions.lowest == tls::Version::tls_1_2;
    return version == "1.3" && attempt.versions.highest == tls::Version::tls_1_3;
}

// Whether all versions but these were tried, and refused.
bool refuses_all_but(const Attempt& attempt, const std::vector<std::string>& versions) {
    for (std::size_t i = 0; i < version_trials.size(); ++i)
        if (std::ranges::find(versions, version_numbers[i]) == versions.end() &&
            !was_in_vain(attempt, version_trials[i]) && !is_offered(attempt, version_numbers[i]))
            return false;
    return true;
}

bool speaks_only_versions_not_offered(const Attempt& attempt) {
    const auto versions = accepted_versions(attempt);
    const bool any_offered =
        std::ranges::any_of(versions, [&](const std::string& version) { return is_offered(attempt, version); });
    return !versions.empty() && !any_offered &&
           !any_accepted(attempt, {tls_1_0, tls_1_1, tls_1_2, tls_1_3, obsolete_suites, without_sni});
}

void add_versions(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const auto versions = accepted_versions(attempt);
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    const bool said_so =
        failure != nullptr && (failure->alert_received == 70 || failure->kind == tls::FailureKind::version);
    if (versions.empty()) {
        if (said_so && refuses_all_but(attempt, {}) && !attempt.experiments.empty())
            problem.detail =
                "It refuses each version by itself as well (tried), TLS 1.0 and 1.1 among them: so the alert may be about something else "
                "than the version.";
        return;
    }
    const bool proven = std::ranges::any_of(version_trials, [&](Trial trial) {
        const Experiment* experiment = accepted(attempt, trial);
        return experiment != nullptr && is_proven_by(attempt, *experiment);
    });
    problem.proof = proven ? Proof::experiment : said_so ? Proof::observed : Proof::likely;
    problem.evidence.push_back(row("versions accepted (tried)", "TLS " + listed(versions, 4)));
    const bool narrowed = attempt.versions.only_one();
    if (speaks_only_versions_not_offered(attempt)) {
        problem.title = fmt::format("{} accepts TLS {}{} (tried); we offered {}", host(context), listed(versions, 4),
                                    versions.size() == 1 && refuses_all_but(attempt, versions) ? " only" : "",
                                    versions_offered(attempt));
        const bool widen = narrowed && std::ranges::any_of(versions, [](const std::string& each) {
                               return each == "1.2" || each == "1.3";
                           });
        problem.detail =
            widen ? "The range of whytls is narrowed by an option; without it both sides have a version in common."
                  : "TLS 1.0 and 1.1 are obsolete (RFC 8996): whytls does not speak them, nor do browsers.";
        for (Fix& fix : problem.fixes)
            fix.command = replaced(fix.command, " -tls1_1 ",
                                   versions.front() == "1.0"   ? " -tls1 "
                                   : versions.front() == "1.1" ? " -tls1_1 "
                                                               : " ");
        // The last fix is to widen the range.
        if (widen) {
            std::rotate(problem.fixes.begin(), problem.fixes.end() - 1, problem.fixes.end());
            std::erase_if(problem.fixes, [](const Fix& fix) { return fix.actor == Actor::server; });
        }
        return;
    }
    problem.title = fmt::format("{} accepts TLS {} when offered alone (tried), but not what we offered, {}",
                                host(context), listed(versions, 4), versions_offered(attempt));
    problem.detail =
        "It does not choose among several versions as it should (RFC 8446 §4.2.1): old servers and middleboxes stumble over the newer one.";
    if (std::ranges::find(versions, "1.2") != versions.end())
        problem.fixes.insert(
            problem.fixes.begin() + 1,
            {Actor::client, "Until the server is mended, offer only TLS 1.2.", "whytls proxy --tls-max 1.2"});
}

void add_suites(const Context& context, Problem& problem) {
    const Experiment* experiment = only_obsolete(context.attempt);
    if (experiment == nullptr) return;
    const std::string suite = tls::suite_name(experiment->answer.cipher);
    problem.proof = proof_by(context.attempt, *experiment);
    problem.evidence.push_back(row("suite it chose (tried)", suite, told(*experiment).detail));
    if (is_rare(suite)) {
        problem.title = fmt::format("{} wants {} (tried): a limit of whytls", host(context), suite);
        problem.detail = fmt::format("Whytls does not have that cipher suite. {}", worth_of(suite));
        problem.fixes = {let_through(context)};
        problem.our_limit = true;
        return;
    }
    problem.title = fmt::format("{} accepts only obsolete cipher suites (tried: it chose {})", host(context), suite);
    problem.detail =
        "It takes none of the suites with AES or ChaCha20 that whytls offers. "
        "3DES, RC4 and their kin are no longer safe, and modern clients have dropped them.";
}

void add_name(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const Experiment* without = accepted(attempt, without_sni);
    if (without == nullptr) return;
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    const std::string served = told(*without).detail;
    problem.evidence.push_back(row("without SNI (tried)", "accepted", served));
    if (failure != nullptr && failure->alert_received == 112) {
        problem.detail += " Without a name it is ready to talk (tried): " + served + ".";
        return;
    }
    problem.proof = proof_by(attempt, *without);
    problem.title =
        fmt::format("{} refuses the name {} in the ClientHello, and goes on without one (tried)",
                    shorten(attempt.addresses.empty() ? context.target() : attempt.addresses.back().address, 40),
                    shorten(attempt.sni, 40));
    problem.detail = fmt::format(
        "With that name in the ClientHello (SNI) it ends the connection; without one it goes on (tried): {}. Either the site is not set up "
        "there, or something on the way filters the name.",
        served);
    problem.fixes.push_back(
        {Actor::network, "Ask whether a firewall filters this host by its name (SNI); try from another network.", ""});
}

void add_alpn(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const Experiment* without = accepted(attempt, without_alpn);
    const Experiment* h2 = accepted(attempt, alpn_h2);
    if (without == nullptr && h2 == nullptr) return;
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    const bool told_so = failure != nullptr && failure->alert_received == 120;
    if (!told_so) {
        problem.proof = proof_by(attempt, without != nullptr ? *without : *h2);
        problem.detail = "With the protocols offered (ALPN, RFC 7301) it ends the handshake; without any it goes on.";
    }
    const bool offered_h2 = std::ranges::find(attempt.alpn, "h2") != attempt.alpn.end();
    if (h2 != nullptr && offered_h2) {
        problem.title =
            fmt::format("{} takes h2 by itself (tried), and not {} together", host(context), listed(attempt.alpn, 4));
        problem.detail =
            "A server chooses one of the protocols offered that it knows (RFC 7301 §3.2); this one refuses the list.";
        problem.proof = proof_by(attempt, *h2);
    } else if (h2 != nullptr) {
        problem.title = fmt::format("{} takes h2, and the client offers only {} (tried)", host(context),
                                    shorten(listed(attempt.alpn, 4), 20));
        problem.detail = "Nothing is wrong with a server that wants HTTP/2.";
        problem.proof = proof_by(attempt, *h2);
        std::erase_if(problem.fixes, [](const Fix& fix) { return fix.actor == Actor::server; });
    } else if (find_experiment(attempt, alpn_h2) != nullptr && problem.fixes.front().actor == Actor::client) {
        problem.fixes.erase(problem.fixes.begin());  // the fix that says it may take only h2
    }
    problem.evidence.push_back(row("ALPN h2 only (tried)", h2 != nullptr ? "accepted" : ""));
    problem.evidence.push_back(row("without ALPN (tried)", without != nullptr ? "accepted" : ""));
}

void add_authorities(const Context& context, Problem& problem) {
    const Experiment* experiment = find_experiment(context.attempt, tls_1_2);
    const auto& handshake = context.attempt.handshake;
    const bool told = handshake && handshake->certificate_request;
    if (told || experiment == nullptr || !experiment->answer.certificate_requested) return;
    EvidenceRow names{"client certificates accepted from", "", "", {}};
    for (const std::string& name : experiment->answer.accepted_cas) names.values.push_back(shorten(name, 120));
    if (names.values.empty()) names.value = "any CA: the server names none";
    problem.evidence.push_back(std::move(names));
    if (problem.proof == Proof::likely) problem.proof = Proof::experiment;
}

void add_group(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const Experiment* dhe = find_experiment(attempt, dhe_suites);
    if (dhe != nullptr && dhe->answer.dh_bits) {
        problem.proof = Proof::experiment;
        problem.title = fmt::format("{} uses a Diffie-Hellman group of {} bits (tried); at least 1024 are needed",
                                    host(context), *dhe->answer.dh_bits);
        problem.evidence.push_back(row("group (tried)", fmt::format("{} bits", *dhe->answer.dh_bits)));
        problem.evidence.push_back(row("needed", "1024 bits; 2048 for clients that go by RFC 9325"));
    }
    if (const Experiment* ecdhe = find_experiment(attempt, ecdhe_suites))
        problem.detail += was_accepted(*ecdhe) ? " It takes ECDHE too (tried), so that it need only prefer that."
                                               : " It does not take ECDHE instead (tried).";
}

void add_http(const Context& context, Problem& problem) {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&context.attempt.failure);
    const std::string answer = answer_in_the_clear(context.attempt);
    if (answer.empty() || (failure != nullptr && !failure->first_bytes.empty())) return;
    problem.proof = Proof::experiment;
    problem.detail = fmt::format("It does not answer a ClientHello, but it answers HTTP in the clear (tried): {}",
                                 show_first_bytes(answer));
    problem.evidence.push_back(row("answer to plain HTTP (tried)", show_first_bytes(answer)));
}

// Whether TLS 1.2 by itself is accepted while we offer 1.3 too, and nothing that offers both is.
bool takes_only_1_2(const Attempt& attempt) {
    if (attempt.versions.only_one()) return false;
    if (accepted_modern(attempt, large_hello) || accepted_modern(attempt, small_hello)) return false;
    return accepted_modern(attempt, tls_1_2) || accepted_modern(attempt, ecdhe_suites);
}

// The server accepts from another ClientHello what ours offers: it is not the one to mend anything.
void add_limit(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const Experiment* other = accepted_likewise(attempt);
    if (other == nullptr) return;
    const auto& failure = std::get<tls::HandshakeFailure>(attempt.failure);
    const ToldExperiment told_other = told(*other);
    problem.our_limit = true;
    const std::string end = failure.alert_received ? "the alert " + tls::alert_name(*failure.alert_received) : "an end";
    const bool proven = std::ranges::any_of(likewise, [&](Trial trial) {
        return accepted_modern(attempt, trial) && is_proven_by(attempt, *accepted(attempt, trial));
    });
    problem.proof = proven ? Proof::experiment : Proof::likely;
    problem.evidence.push_back(row("accepted (tried)", told_other.tried, told_other.detail));
    const bool ours_too = accepted(attempt, without_sni) != nullptr || accepted(attempt, without_alpn) != nullptr;
    if (ours_too) {
        problem.our_limit = false;
        problem.title = fmt::format("{} answers our ClientHello with {} and takes others (tried)", host(context), end);
        problem.detail =
            "What it takes and what it refuses (tried) has no cause in common that whytls knows; it may also be that it fails now and "
            "then.";
        problem.proof = Proof::likely;
        problem.fixes = {{Actor::client, "Try again.", ""}};
    } else if (takes_only_1_2(attempt)) {
        problem.title = fmt::format("{} answers our ClientHello with {}; one for TLS 1.2 only is accepted (tried)",
                                    host(context), end);
        problem.detail =
            "Either it does not choose among several versions as it should (RFC 8446 §4.2.1), or it wants something that whytls does not "
            "send.";
        problem.fixes = {{Actor::client, "Offer TLS 1.2 only.", "whytls proxy --tls-max 1.2"}};
    } else {
        const bool one_version = other->trial == tls_1_3 && !attempt.versions.only_one();
        problem.title = fmt::format("{} answers our ClientHello with {} and accepts another (tried): a limit of whytls",
                                    host(context), end);
        problem.detail = fmt::format(
            "{}, made otherwise, was accepted ({}). So it is something else that whytls does not send, such as a group for the key "
            "exchange: a limit of whytls.",
            one_version ? "A ClientHello with the same name and protocols, for TLS 1.3 only"
                        : "A ClientHello with the same name, versions and protocols",
            told_other.detail);
        problem.fixes.clear();
    }
    problem.fixes.push_back(let_through(context));
    problem.fixes.push_back({Actor::client, "See whether another client connects.", context.s_client()});
}

// What made a connection just end, or hang.
void add_hello(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const Experiment* small = accepted(attempt, small_hello);
    const Experiment* large = find_experiment(attempt, large_hello);
    const bool hung = problem.code == Code::handshake_timeout;
    const bool unnamed = accepted(attempt, without_sni) != nullptr;  // the same as ours in all else, its size too
    if (small != nullptr && was_in_vain(attempt, large_hello) && !unnamed) {
        problem.proof = proof_by(attempt, *small);
        problem.title =
            fmt::format("{}: large ClientHellos are dropped on the way; one of {} bytes is answered (tried)",
                        shorten(context.target(), 45), small->hello_size);
        problem.detail = fmt::format(
            "A ClientHello of {} bytes is answered; ours, which is larger, and one of {} bytes that is large only for the comparison, {}. "
            "Something on the way, or the server, cannot take one of more than a few hundred bytes, or one that comes in two packets, as "
            "browsers send it with a "
            "hybrid key share.",
            small->hello_size, large->hello_size, hung ? "are not" : "end the connection");
        problem.fixes = {
            {Actor::network, "Find the firewall, load balancer or VPN that drops large ClientHellos, and update it.",
             ""},
            pass_through(
                context,
                "Where another client, whose ClientHello is smaller, connects: have the proxy let this host through "
                "untouched (--passthrough).")};
        problem.evidence.push_back(
            row("answered (tried)", fmt::format("a ClientHello of {} bytes", small->hello_size)));
        problem.evidence.push_back(
            row("not answered (tried)", fmt::format("a ClientHello of {} bytes", large->hello_size)));
    } else if (const bool both = accepted_modern(attempt, tls_1_2) && accepted_modern(attempt, tls_1_3);
               small == nullptr && both && !unnamed && !attempt.versions.only_one()) {
        problem.proof = proof_by(attempt, *accepted(attempt, tls_1_2));
        problem.title =
            fmt::format("{} {} our ClientHello; those for TLS 1.2 only and for 1.3 only are accepted (tried)",
                        shorten(context.target(), 40), hung ? "never answers" : "hangs up on");
        problem.detail =
            "It does not choose among several versions as it should (RFC 8446 §4.2.1), or wants something that whytls does not send.";
        problem.fixes.insert(problem.fixes.begin(),
                             {Actor::client, "Offer only one of them.", "whytls proxy --tls-max 1.2"});
    } else if (small == nullptr && accepted_modern(attempt, tls_1_2) && !unnamed) {
        problem.proof = proof_by(attempt, *accepted(attempt, tls_1_2));
        problem.title = fmt::format("{} {} a ClientHello that offers TLS 1.3; one of 1.2 only is accepted (tried)",
                                    shorten(context.target(), 45), hung ? "never answers" : "hangs up on");
        problem.fixes.insert(problem.fixes.begin(), {Actor::client, "Until the server is mended, offer only TLS 1.2.",
                                                     "whytls proxy --tls-max 1.2"});
        problem.evidence.push_back(row("TLS 1.2 only (tried)", "accepted", told(*accepted(attempt, tls_1_2)).detail));
    } else if (any_accepted(attempt)) {
        problem.detail +=
            " Another ClientHello was accepted (tried): it fails now and then, takes only some of what can stand together, or dislikes "
            "something particular to our own, a limit of whytls.";
        problem.fixes.insert(problem.fixes.begin(),
                             pass_through(context,
                                          "Try again; if it stays so, have the proxy let this host through untouched "
                                          "(--passthrough)."));
    }
}

// What was tried in vain, for a reader who would try it next.
void add_failures(const Attempt& attempt, Problem& problem) {
    if (problem.code == Code::not_tls) return;
    std::vector<std::string> tried;
    bool connected = false;
    for (const Experiment& each : attempt.experiments) {
        if (was_accepted(each)) return;
        const std::string what = told(each).tried;
        if (std::ranges::find(tried, what) == tried.end()) tried.push_back(what);
        connected |= each.answer.kind != Kind::not_connected;
    }
    problem.detail += connected
                          ? fmt::format(" Nothing that was tried changes that: {}.", listed(tried, most_experiments))
                          : " No new connection could be made since, so that nothing more could be tried.";
}

}  // namespace

std::string versions_offered(const Attempt& attempt) {
    if (attempt.versions.only_one())
        return attempt.versions.lowest == tls::Version::tls_1_2 ? "1.2 only (--tls-max 1.2)"
                                                                : "1.3 only (--tls-min 1.3)";
    return "1.2 and 1.3";
}

const Experiment* accepted_likewise(const Attempt& attempt) {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    if (failure == nullptr || failure->reached > tls::Milestone::client_hello) return nullptr;
    for (const Trial trial : likewise) {
        const Experiment* experiment = find_experiment(attempt, trial);
        if (experiment == nullptr || !accepted_modern(attempt, trial)) continue;
        if (is_offered(attempt, experiment->answer.version == 0x0304   ? "1.3"
                                : experiment->answer.version == 0x0303 ? "1.2"
                                                                       : ""))
            return experiment;
    }
    return nullptr;
}

Fix pass_through(const Context& context, std::string text) {
    const Attempt& attempt = context.attempt;
    if (attempt.outside_tunnel)
        text +=
            " Only a tunnel passes so, and this request came outside one: set whytls as the client's proxy for it, or ask the server "
            "without whytls.";
    return {Actor::client, std::move(text),
            attempt.check || attempt.verified_file ? "" : "whytls proxy --passthrough " + shell_word(attempt.host)};
}

Code code_by_experiments(const Attempt& attempt, Code code) {
    constexpr auto ambiguous =
        std::to_array<Code>({Code::no_shared_cipher, Code::protocol_version, Code::tls_alert, Code::connection_closed,
                             Code::handshake_timeout, Code::tls_protocol_error});
    if (std::ranges::find(ambiguous, code) == ambiguous.end()) return code;
    if (!answer_in_the_clear(attempt).empty() && !any_accepted(attempt)) return Code::not_tls;
    if (speaks_only_versions_not_offered(attempt)) return Code::protocol_version;
    if (accepted(attempt, without_sni) != nullptr && !any_accepted(attempt, {without_sni}))
        return Code::sni_unrecognized;
    if (accepted(attempt, without_alpn) != nullptr && !any_accepted(attempt, {without_alpn}))
        return Code::no_shared_alpn;
    if (only_obsolete(attempt) != nullptr) return Code::no_shared_cipher;
    const bool accusing = code == Code::no_shared_cipher || code == Code::protocol_version;
    if (accusing && accepted_likewise(attempt) != nullptr) {
        const auto& failure = std::get<tls::HandshakeFailure>(attempt.failure);
        return failure.alert_received ? Code::tls_alert : Code::tls_protocol_error;
    }
    return code;
}

void add_experiments(const Context& context, Problem& problem) {
    if (context.attempt.experiments.empty()) return;
    if (problem.code == Code::protocol_version) add_versions(context, problem);
    if (problem.code == Code::no_shared_cipher) add_suites(context, problem);
    if (problem.code == Code::sni_unrecognized) add_name(context, problem);
    if (problem.code == Code::no_shared_alpn) add_alpn(context, problem);
    if (problem.code == Code::client_certificate_required) add_authorities(context, problem);
    if (problem.code == Code::weak_dh) add_group(context, problem);
    if (problem.code == Code::not_tls) add_http(context, problem);
    if (problem.code == Code::connection_closed || problem.code == Code::handshake_timeout) add_hello(context, problem);
    if (problem.code == Code::tls_alert || problem.code == Code::tls_protocol_error) add_limit(context, problem);
    add_failures(context.attempt, problem);
}

}  // namespace inspect::diagnosis
