#include <fmt/format.h>

#include <algorithm>

#include "certs/crypto.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/response_seen.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"

namespace inspect::diagnosis {

namespace {

std::vector<ChainCertificate> chain_of(const Attempt& attempt) {
    std::vector<ChainCertificate> chain;
    if (!attempt.verdict) return chain;
    if (!attempt.verdict->paths.empty()) {
        for (const auto& link : attempt.verdict->paths.front().certificates)
            chain.push_back({describe(link.certificate), link.provenance});
    } else {
        // Each keeps its place; otherwise the one after a leaf that cannot be read would be taken
        // for the server's.
        for (const auto& served : attempt.verdict->served) {
            if (served.certificate) {
                chain.push_back({describe(*served.certificate), certs::Provenance::served});
                continue;
            }
            certs::Description least;
            if (served.malformed) least.subject = served.malformed->subject;
            least.sha256 = certs::hex(certs::sha256(served.der));
            chain.push_back({std::move(least), certs::Provenance::served, true});
        }
    }
    return chain;
}

// By the leaf. A product that decrypts on the way may show only further up, above a company's own
// intermediate.
const Provider* provider_of(const std::vector<ChainCertificate>& chain) {
    for (const ChainCertificate& each : chain) {
        if (each.unreadable) continue;
        const Provider* provider = recognise(each.description);
        if (provider == nullptr) continue;
        const bool on_the_way = provider->kind == Provider::Kind::inspection ||
                                provider->kind == Provider::Kind::debugging_proxy ||
                                provider->kind == Provider::Kind::whytls;
        if (&each == &chain.front() || on_the_way) return provider;
    }
    return nullptr;
}

std::vector<Problem> failures(const Context& context) {
    struct Explain {
        const Context& context;
        std::vector<Problem> operator()(std::monostate) const { return {}; }
        std::vector<Problem> operator()(const DnsFailure& failure) const { return {explain_dns(context, failure)}; }
        std::vector<Problem> operator()(const ConnectFailure&) const { return {explain_connect(context)}; }
        std::vector<Problem> operator()(const tls::HandshakeFailure& failure) const {
            // The verdict's findings explain our own refusal of the certificate.
            const auto& verdict = context.attempt.verdict;
            if (failure.kind == tls::FailureKind::certificate && verdict && !verdict->accepted()) return {};
            Problem problem = explain_handshake(context, failure);
            if (context.hosted_at != nullptr && mends(*context.hosted_at, problem.code))
                problem.fixes.insert(problem.fixes.begin(), fix_of(*context.hosted_at, context.attempt.host));
            return {std::move(problem)};
        }
        std::vector<Problem> operator()(const StartTlsFailure& failure) const {
            return {explain_starttls(context, failure)};
        }
        std::vector<Problem> operator()(const HttpFailure& failure) const { return {explain_http(context, failure)}; }
        std::vector<Problem> operator()(const RequestRejected& failure) const {
            return {explain_request(context, failure)};
        }
        std::vector<Problem> operator()(const NotAProxy& failure) const { return {explain_not_a_proxy(failure)}; }
        std::vector<Problem> operator()(const CrossSiteRefused& failure) const {
            return {explain_cross_site(context, failure)};
        }
        std::vector<Problem> operator()(const NotAuthorized& failure) const {
            return {explain_not_authorized(context, failure)};
        }
        std::vector<Problem> operator()(const ProxyLoop& failure) const {
            return {explain_proxy_loop(context, failure)};
        }
        std::vector<Problem> operator()(const ParentRefusal& refusal) const {
            return {explain_parent(context, refusal)};
        }
    };
    return std::visit(Explain{context}, context.attempt.failure);
}

// What failed comes before what is merely noteworthy; within each the order, root cause first,
// stays.
std::vector<Problem> by_severity(std::vector<Problem> problems) {
    std::vector<Problem> sorted;
    for (const auto severity : {certs::Severity::error, certs::Severity::warning, certs::Severity::notice})
        for (auto& problem : problems)
            if (problem.severity == severity) sorted.push_back(std::move(problem));
    return sorted;
}

// The command that was given, as far as the diagnosis knows it. The options that a fix adds come
// after it, as they do after "whytls proxy", and replace those given that have one value only.
std::string command_given(const Context& context, std::string_view added) {
    const Attempt& attempt = context.attempt;
    const std::string& host = attempt.host;
    std::string command(own_command(attempt.runs_command));
    if (attempt.check) {
        const std::string target = attempt.port == 443 ? host : context.target();
        command = "whytls check " + shell_word(attempt.waypoint ? attempt.waypoint->target : target);
    } else if (attempt.verified_file) {
        command = fmt::format("whytls verify {}{}", shell_word(context.file()),
                              host.empty() ? "" : " --host " + shell_word(host));
    }
    added = added.substr(0, added.find('|'));
    const auto replaced = [&](std::string_view option) {
        return added.contains(fmt::format(" {} ", option)) ? option : "";
    };
    // A reverse listener has one server.
    return command + as_words(attempt.given,
                              {replaced("--reverse"), replaced("--tls-min"), replaced("--tls-max"),
                               replaced("--revocation"), replaced("--handshake-timeout"), replaced("--max-header")});
}

// A fix's command with "whytls proxy" replaced by the command that was given; not inside quotes,
// which may contain a server's words.
std::string as_given(std::string_view command, const Context& context) {
    constexpr std::string_view plain = "whytls proxy";
    std::string result;
    bool quoted = false, found = false;
    for (std::size_t at = 0; at < command.size();) {
        if (!quoted && command.substr(at).starts_with(plain)) {
            at += plain.size();
            result += command_given(context, command.substr(at));
            found = true;
            continue;
        }
        if (!quoted && command[at] == '\\' && at + 1 < command.size())
            result += command[at++];
        else if (command[at] == '\'')
            quoted = !quoted;
        result += command[at++];
    }
    if (found) result += own_argument(context.attempt.runs_command);
    return result;
}

std::vector<Problem> problems_of(const Context& context) {
    std::vector<Problem> problems = failures(context);
    if (auto loop = explain_own_certificate(context)) problems.push_back(*std::move(loop));
    // OpenSSL does not find the path then, so it applies no rule to its certificates.
    if (auto same = explain_same_name(context)) problems.push_back(*std::move(same));
    if (context.attempt.verdict)
        std::ranges::move(explain_certificates(context, *context.attempt.verdict), std::back_inserter(problems));
    add_clock(context, problems);
    std::ranges::move(explain_surroundings(context), std::back_inserter(problems));
    problems = by_severity(std::move(problems));
    if (!problems.empty()) tell_of_other_whytls(context, problems.front());
    if (context.attempt.at_parent() && !problems.empty()) tell_of_parent(context, problems.front());
    if (!problems.empty()) tell_of_resumption(context, problems.front());
    for (auto& problem : problems) {
        for (auto& fix : problem.fixes) fix.command = as_given(fix.command, context);
        problem.title = shorten(problem.title, title_limit);
        if (!problem.detail.empty() && problem.detail.front() >= 'a' && problem.detail.front() <= 'z')
            problem.detail.front() = static_cast<char>(problem.detail.front() - 'a' + 'A');
        std::erase_if(problem.evidence, [](const EvidenceRow& row) { return row.value.empty() && row.values.empty(); });
    }
    return problems;
}

// Connected addresses are the last ones tried.
std::string connected_address(const Attempt& attempt) {
    const auto found = std::ranges::find(attempt.addresses, ConnectOutcome::connected, &AddressTried::outcome);
    return found == attempt.addresses.end() ? "" : found->address;
}

// A failure in DNS, TCP, at the parent proxy or in the clear has sent no ClientHello.
bool has_begun(const Attempt& attempt) {
    return attempt.tls && (attempt.handshake || attempt.verdict || attempt.request_sent ||
                           std::holds_alternative<tls::HandshakeFailure>(attempt.failure) ||
                           std::holds_alternative<HttpFailure>(attempt.failure));
}

bool sent_nothing(const Attempt& attempt) {
    if (attempt.let_through || attempt.request_sent || std::holds_alternative<HttpFailure>(attempt.failure))
        return false;
    return !std::holds_alternative<std::monostate>(attempt.failure) ||
           (attempt.verdict && !attempt.verdict->accepted());
}

// The path without its root, in order, when nothing is wrong with it except what the server left
// out.
std::string fixed_chain_of(const Attempt& attempt, const std::vector<Problem>& problems) {
    const auto is_error = [](const Problem& problem) { return problem.severity == certs::Severity::error; };
    if (problems.empty() || problems.front().code != Code::missing_intermediate ||
        std::ranges::count_if(problems, is_error) != 1)
        return "";
    if (!attempt.verdict || attempt.verdict->paths.empty()) return "";
    const certs::Path& path = attempt.verdict->paths.front();
    std::string chain;
    for (std::size_t depth = 0; depth + (path.anchored ? 1 : 0) < path.certificates.size(); ++depth)
        chain += certs::to_pem(path.certificates[depth].certificate.der());
    return chain;
}

// The problem is the parent's; the report is about the server that was asked for.
void tell_asked(const Attempt& attempt, Diagnosis& diagnosis) {
    diagnosis.leg = Leg::upstream_proxy;
    const auto target = http::parse_target("CONNECT", attempt.waypoint->target);
    if (!target) return;
    diagnosis.host = target->host;
    diagnosis.port = target->port;
}

void conclude(Diagnosis& diagnosis) {
    // A notice is worth a line, not a verdict.
    if (std::ranges::all_of(diagnosis.problems,
                            [](const Problem& each) { return each.severity == certs::Severity::notice; })) {
        diagnosis.outcome = Outcome::ok;
        diagnosis.status = 200;
        if (diagnosis.verified_file) {
            diagnosis.title =
                diagnosis.host.empty()
                    ? fmt::format("{} verifies; no host name was asked for",
                                  shorten(file_name(diagnosis.verified_file->name), 60))
                    : fmt::format("{} verifies for {}", shorten(file_name(diagnosis.verified_file->name), 50),
                                  shorten(diagnosis.host, 50));
            return;
        }
        diagnosis.title = fmt::format("{} is fine: {}", shorten(endpoint(diagnosis.host, diagnosis.port), 60),
                                      diagnosis.tls ? "TLS was agreed on and its certificate verified" : "it answered");
        return;
    }
    const Problem& first = diagnosis.problems.front();
    diagnosis.outcome = first.severity == certs::Severity::error ? Outcome::failed : Outcome::warning;
    diagnosis.code = first.code;
    diagnosis.title = first.title;
    diagnosis.detail = first.detail;
    if (const CatalogEntry* entry = find_code(first.code)) {
        diagnosis.leg = entry->leg;
        diagnosis.phase = first.step == "trust" ? Phase::verify : entry->phase;  // proxy_loop is found in either phase
        diagnosis.status = diagnosis.outcome == Outcome::failed ? entry->status : 200;
        diagnosis.proxy_status_error = entry->proxy_status_error;
    }
}

// Only a request shows whether a server that asked for a certificate goes on without one, and most
// checks send none.
std::string step_of_check(const Attempt& attempt) {
    const bool asked =
        attempt.handshake && attempt.handshake->certificate_requested && !attempt.handshake->certificate_sent;
    return attempt.check && asked && !attempt.client_certificate && !attempt.response
               ? "if it refuses requests, give it one: --client-cert FILE --client-key FILE"
               : "";
}

// RFC 9110 §15.5.9, RFC 6585 §5, RFC 9110 §15.5.1.
int status_of(const RequestRejected& rejected) {
    if (rejected.stalled > 0) return 408;
    return rejected.error == http::MessageError::head_too_large ? 431 : 400;
}

}  // namespace

std::vector<Problem> explain_surroundings(const Context& context) {
    const Attempt& attempt = context.attempt;
    std::vector<Problem> problems;
    if (attempt.handshake && (attempt.handshake->version == "TLSv1" || attempt.handshake->version == "TLSv1.1" ||
                              attempt.handshake->version == "SSLv3")) {
        Problem problem = problem_of(Code::old_protocol);
        problem.title = fmt::format("{} agreed to {} only; TLS 1.2 is the least that is safe",
                                    shorten(attempt.host, 60), attempt.handshake->version);
        problem.detail = "TLS 1.0 and 1.1 are obsolete (RFC 8996), and browsers have removed them.";
        problem.evidence = {{"version agreed on", attempt.handshake->version, "", {}}};
        problem.fixes = {{Actor::server, "Enable TLS 1.2 and 1.3: in nginx \"ssl_protocols TLSv1.2 TLSv1.3;\".", ""}};
        problems.push_back(std::move(problem));
    }
    if (attempt.handshake && attempt.handshake->secure_renegotiation == false) {
        Problem problem = problem_of(Code::no_secure_renegotiation);
        problem.title = fmt::format("{} does not know secure renegotiation, for which clients with OpenSSL 3 refuse it",
                                    shorten(attempt.host, 60));
        problem.detail =
            "Its ServerHello has no renegotiation_info (RFC 5746 §3.4). Current curl, Python and Node end the handshake there: \"unsafe legacy "
            "renegotiation disabled\". GnuTLS, Java and Go go on, as whytls does, which never renegotiates.";
        problem.evidence = {{"renegotiation_info in ServerHello", "absent", "", {}}};
        problem.fixes = {
            {Actor::server, "Update the server's TLS library, or switch TLS 1.3 on.", ""},
            {Actor::client,
             "Until then let OpenSSL go on without: \"Options = UnsafeLegacyServerConnect\" in the section that ssl_conf names in "
             "openssl.cnf.",
             ""}};
        problems.push_back(std::move(problem));
    }
    if (context.provider != nullptr && context.provider->kind == Provider::Kind::inspection) {
        Problem problem = problem_of(Code::inspected_by_middlebox);
        problem.title = fmt::format("the certificate was issued by {}, which decrypts TLS on the way to {}",
                                    context.provider->title, shorten(context.whose(), 50));
        problem.detail =
            attempt.verified_file
                ? "Such a certificate takes the place of the server's own, so that somebody, mostly the network's owner or a "
                  "virus scanner, can read the traffic. It is none for a server to use."
                : "Somebody between here and the server, mostly the network's owner or a virus scanner, reads the traffic. The "
                  "server's own certificate cannot be seen from here.";
        problem.evidence = {{"issuer", context.chain.front().description.issuer, "", {}}};
        problem.fixes = {fix_of(*context.provider, attempt.host)};
        problems.push_back(std::move(problem));
    }
    if (auto problem = explain_transparency(context)) problems.push_back(*std::move(problem));
    std::ranges::move(explain_enforcement(context), std::back_inserter(problems));
    return problems;
}

Diagnosis explain(const Attempt& attempt) {
    Context context{attempt, chain_of(attempt)};
    context.provider = provider_of(context.chain);
    context.hosted_at = recognise_name(attempt.canonical_name);

    Diagnosis diagnosis;
    static_cast<Facts&>(diagnosis) = attempt;
    if (is_address(attempt.host)) diagnosis.timings.dns.reset();
    diagnosis.address = connected_address(attempt);
    diagnosis.tls_begun = has_begun(attempt);
    diagnosis.nothing_sent = sent_nothing(attempt);
    diagnosis.response_remarks = response_remarks(attempt);
    diagnosis.http2_remark = http2_remark(attempt);
    for (const Experiment& each : attempt.experiments) diagnosis.experiments.push_back(told(each));
    if (attempt.experiments_left_out)
        diagnosis.experiments.push_back(
            {"follow-up connections", "not made", "only the parent proxy may connect to the server"});
    diagnosis.problems = problems_of(context);
    // Other clients would meet the server, not our parent proxy.
    if (!attempt.at_parent()) diagnosis.elsewhere = elsewhere(attempt, diagnosis.problems);
    diagnosis.fixed_chain = fixed_chain_of(attempt, diagnosis.problems);
    diagnosis.steps = explain_steps(context, diagnosis.problems);
    if (const Provider* known = context.provider != nullptr ? context.provider : context.hosted_at)
        diagnosis.provider = known->title;
    if (attempt.verdict) {
        diagnosis.anchors = attempt.verdict->anchors;
        for (const auto& served : attempt.verdict->served)
            diagnosis.served.push_back(served.certificate ? certs::hex(served.certificate->sha256()) : "");
    }
    if (const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure))
        diagnosis.library_text = failure->library_text;
    diagnosis.chain = std::move(context.chain);
    conclude(diagnosis);
    if (diagnosis.code == Code::none) diagnosis.next_step = step_of_check(attempt);
    if (const auto* http = std::get_if<HttpFailure>(&attempt.failure);
        http != nullptr && http->body && http->body->passed_on)
        diagnosis.next_step = "the client got the beginning, so its connection was reset";
    if (attempt.at_parent()) tell_asked(attempt, diagnosis);
    if (const auto* rejected = std::get_if<RequestRejected>(&attempt.failure)) diagnosis.status = status_of(*rejected);
    // The server answers what was let through; no answer of ours takes its place.
    if (attempt.let_through && std::holds_alternative<std::monostate>(attempt.failure)) diagnosis.status = 200;
    return diagnosis;
}

}  // namespace inspect::diagnosis
