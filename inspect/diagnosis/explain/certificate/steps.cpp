// The steps of the report (contract §4): what was asked of the attempt, in order, and how each
// question was answered.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/ocsp.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::Status;

struct CertificateStep {
    certs::Step step;
    std::string_view reference, passed, skipped;
};

constexpr auto certificate_steps = std::to_array<CertificateStep>({
    {certs::Step::path, "RFC 4158", "a path leads from the certificate towards a root", "no path could be built"},
    {certs::Step::trust, "RFC 5280 §6.1.1", "the path ends in an anchor of the trust store", "no path to look at"},
    {certs::Step::signature, "RFC 5280 §6.1.3", "every certificate is signed by the key of the next",
     "no issuer's key to check with"},
    {certs::Step::validity, "RFC 5280 §4.1.2.5", "the time is within every certificate's dates",
     "no certificate to look at"},
    {certs::Step::revocation, "RFC 5280 §6.3, RFC 6960", "no certificate is revoked",
     "not asked (--revocation soft or hard asks)"},
    {certs::Step::issuer, "RFC 5280 §6.1.3", "every issuer name equals the next subject", "no issuer to compare"},
    {certs::Step::name_constraints, "RFC 5280 §4.2.1.10", "every name is within what the CAs above may certify",
     "no CA above constrains names"},
    {certs::Step::policy, "RFC 5280 §6.1, RFC 9618", "no policy constraint is broken", "no CA above demands a policy"},
    {certs::Step::basic_constraints, "RFC 5280 §4.2.1.9", "every issuer is a CA, within its path length",
     "no issuer to look at"},
    {certs::Step::key_usage, "RFC 5280 §4.2.1.3, §4.2.1.12", "every key may do what it does here",
     "no certificate to look at"},
    {certs::Step::critical_extensions, "RFC 5280 §4.2", "every critical extension is understood",
     "no certificate to look at"},
    {certs::Step::hostname, "RFC 9525 §6", "the certificate is valid for the host asked for",
     "no certificate to look at"},
    {certs::Step::strength, "CA/Browser Forum BR §6.1.5", "keys and signature algorithms are strong enough",
     "no certificate to look at"},
});

constexpr std::array<std::string_view, 4> connection_steps = {"dns", "connect", "hello", "handshake"};
constexpr std::array<std::string_view, 4> connection_references = {"RFC 1035", "RFC 9293", "RFC 8446 §4.1",
                                                                   "RFC 8446 §4"};

int rank(Status status) {
    switch (status) {
        case Status::fail: return 3;
        case Status::warn: return 2;
        case Status::pass: return 1;
        case Status::skip: return 0;
    }
    return 0;
}

std::string in_time(std::optional<double> milliseconds) {
    return milliseconds ? ", " + milliseconds_text(*milliseconds) : "";
}

const Problem* problem_of_step(const std::vector<Problem>& problems, std::string_view step) {
    const auto found = std::ranges::find_if(problems, [&](const Problem& problem) {
        return problem.step == step && problem.severity != certs::Severity::notice;
    });
    return found == problems.end() ? nullptr : &*found;
}

bool failed_at(const std::vector<Problem>& problems, std::string_view step) {
    const Problem* problem = problem_of_step(problems, step);
    return problem != nullptr && problem->severity == certs::Severity::error;
}

constexpr std::string_view not_passed_on = "the request was not passed on";

// Before any server was asked.
bool was_refused_here(const Attempt& attempt) {
    const Failure& failure = attempt.failure;
    if (attempt.request_sent) return false;
    const auto* loop = std::get_if<ProxyLoop>(&failure);
    if (loop != nullptr && !loop->via.empty()) return true;
    return std::holds_alternative<RequestRejected>(failure) || std::holds_alternative<NotAProxy>(failure) ||
           std::holds_alternative<CrossSiteRefused>(failure) || std::holds_alternative<NotAuthorized>(failure);
}

StepSummary dns_step(const Context& context) {
    const Attempt& attempt = context.attempt;
    StepSummary step{"dns", Status::pass, "", connection_references[0], {}};
    if (is_address(attempt.host)) {
        step.status = Status::skip;
        step.summary = attempt.at_parent() ? "the parent proxy is named by its address" : "an address was asked for";
    } else if (was_refused_here(attempt)) {
        step.status = Status::skip;
        step.summary = not_passed_on;
    } else if (attempt.address_given()) {
        step.status = Status::skip;
        step.summary = fmt::format("given by {}", attempt.address_option);
    } else if (!attempt.parent.empty() && !attempt.at_parent()) {
        step.status = Status::skip;
        step.summary = "left to the parent proxy";
    } else {
        step.summary = attempt.timings.dns ? fmt::format("the name resolves{}", in_time(attempt.timings.dns))
                                           : "the address was known";
    }
    return step;
}

StepSummary connect_step(const Context& context) {
    const Attempt& attempt = context.attempt;
    StepSummary step{"connect", Status::skip, "no address to connect to", connection_references[1], {}};
    if (!attempt.parent.empty() && !attempt.at_parent() && !std::holds_alternative<ProxyLoop>(attempt.failure)) {
        step.status = std::holds_alternative<ParentRefusal>(attempt.failure) ? Status::skip : Status::pass;
        step.summary =
            fmt::format("through the parent proxy {}{}", shorten(attempt.parent, 60), in_time(attempt.timings.connect));
        return step;
    }
    const auto connected = std::ranges::find(attempt.addresses, ConnectOutcome::connected, &AddressTried::outcome);
    if (connected == attempt.addresses.end()) return step;
    step.status = Status::pass;
    const auto before = static_cast<std::size_t>(connected - attempt.addresses.begin());
    step.summary = fmt::format("connected to {}{}{}", connected->address, in_time(attempt.timings.connect),
                               before > 0 ? fmt::format(", after {} that did not answer", before) : "");
    return step;
}

StepSummary hello_step(const Context& context) {
    const Attempt& attempt = context.attempt;
    StepSummary step{"hello",
                     Status::skip,
                     attempt.tls ? "there was no connection" : "plain HTTP, no TLS asked for",
                     connection_references[2],
                     {}};
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    if (!attempt.tls) return step;
    if (attempt.handshake || attempt.verdict || failure != nullptr) {
        step.status = Status::pass;
        step.summary = failure != nullptr && failure->reached <= tls::Milestone::client_hello &&
                               failure->alert_received && !attempt.handshake
                           ? "the peer speaks TLS: it answered with an alert"
                           : "the peer speaks TLS";
    }
    return step;
}

StepSummary handshake_step(const Context& context) {
    const Attempt& attempt = context.attempt;
    StepSummary step{"handshake",
                     Status::skip,
                     attempt.tls ? "it was not reached" : "plain HTTP, no TLS asked for",
                     connection_references[3],
                     {}};
    const bool judged = attempt.verdict && !attempt.verdict->accepted() && !attempt.let_through;
    if (!attempt.tls || (!attempt.handshake && !attempt.verdict)) return step;
    step.status = Status::pass;
    if (attempt.handshake && !attempt.handshake->version.empty())
        step.summary = fmt::format("{}{}{}{}{}", attempt.handshake->version,
                                   attempt.handshake->cipher.empty() ? "" : ", " + attempt.handshake->cipher,
                                   attempt.handshake->alpn.empty() ? "" : ", ALPN " + attempt.handshake->alpn,
                                   attempt.handshake->resumed ? ", resumed" : "", in_time(attempt.timings.handshake));
    else
        step.summary = "both sides agreed";
    if (judged) step.summary += "; stopped here because of the certificate";
    return step;
}

std::vector<StepSummary> offline_steps() {
    std::vector<StepSummary> steps;
    for (std::size_t i = 0; i < connection_steps.size(); ++i)
        steps.push_back(
            {connection_steps[i], Status::skip, "offline: a file is verified", connection_references[i], {}});
    return steps;
}

// A failure in an earlier step leaves the steps after it without an answer, whatever their defaults
// were.
void apply_problems(std::vector<StepSummary>& steps, const std::vector<Problem>& problems) {
    bool over = false;
    for (auto& step : steps) {
        const bool connection = std::ranges::find(connection_steps, step.step) != connection_steps.end();
        if (const Problem* problem = problem_of_step(problems, step.step)) {
            // Connected, but to the wrong one: what comes after was reached all the same.
            const bool reached_wrong_one = step.step == "connect" && step.status == Status::pass;
            const Status status = problem->severity == certs::Severity::error ? Status::fail : Status::warn;
            if (rank(status) >= rank(step.status)) {
                step.status = status;
                step.summary = problem->title;
            }
            if (connection && status == Status::fail && !reached_wrong_one) over = true;
        } else if (over && connection) {
            step.status = Status::skip;
            step.summary = "not reached";
        }
    }
}

// "good, says the stapled response of 2026-11-20".
std::string revocation_summary(const certs::StepResult& result, const certs::Verdict& verdict) {
    const auto& answers = verdict.paths.front().good_answers;
    const auto answer = std::ranges::find(answers, result.depth, &certs::GoodAnswer::depth);
    if (result.status != Status::pass || answer == answers.end()) return "";
    const std::string source =
        answer->source == certs::stapled_response ? "the stapled response" : shorten(answer->source, 60);
    const std::string date = readable(answer->as_of).substr(0, 10);
    return source.empty() ? fmt::format("good as of {}", date) : fmt::format("good, says {} of {}", source, date);
}

std::string certificate_summary(const certs::StepResult& result, const Context& context,
                                const std::vector<Problem>& problems) {
    if (result.finding)
        for (const auto& problem : problems)
            if (problem.code == code_of(result.finding->code) && problem.depth.value_or(result.depth) == result.depth)
                return problem.title;
    if (result.depth >= context.chain.size()) return "";
    const certs::Description& own = context.chain[result.depth].description;
    switch (result.step) {
        case certs::Step::validity: return fmt::format("{} to {}", readable(own.not_before), readable(own.not_after));
        case certs::Step::signature: return result.status == Status::pass ? own.signature : "";
        case certs::Step::strength: return fmt::format("{}, {}", own.key, own.signature);
        case certs::Step::revocation: return revocation_summary(result, *context.attempt.verdict);
        case certs::Step::issuer: return result.status == Status::pass ? own.issuer : "";
        default: return "";
    }
}

// What passed for some certificates of the path says nothing about those for which it was not
// asked.
void tell_left_open(StepSummary& step, certs::Step question, const Context& context) {
    if (step.status != Status::pass) return;
    const auto called = [&](std::size_t depth) {
        const std::string name =
            depth < context.chain.size() ? short_name(context.chain[depth].description.subject) : "";
        return depth == 0 ? "the certificate" : name.empty() ? fmt::format("certificate {}", depth) : quoted(name, 40);
    };
    const auto& asked = step.certificates;
    // The last one's signature is not asked about: it is the anchor, or its issuer is not there.
    const auto unsigned_one =
        std::find_if(asked.begin(), asked.end() - 1, [](const auto& each) { return each.status == Status::skip; });
    if (question == certs::Step::signature && unsigned_one != asked.end() - 1) {
        step.status = Status::skip;
        step.summary = fmt::format("the signature on {} cannot be checked with the key of {}",
                                   called(unsigned_one->depth), called(unsigned_one->depth + 1));
    }
    if (question == certs::Step::revocation && asked.front().status == Status::skip) {
        const auto answered = std::ranges::find(asked, Status::pass, &StepCertificate::status);
        step.status = Status::skip;
        step.summary =
            fmt::format("no answer is about the certificate itself; {} is not revoked", called(answered->depth));
    }
}

StepSummary certificate_step(const CertificateStep& question, const Context& context,
                             const std::vector<Problem>& problems) {
    StepSummary step{certs::name(question.step), Status::skip, "", question.reference, {}};
    const Attempt& attempt = context.attempt;
    if (!attempt.verdict && attempt.tls &&
        (attempt.request_sent || std::holds_alternative<HttpFailure>(attempt.failure))) {
        // A request was sent, so the chain had been verified. Its verdict is not kept as long as
        // the connection.
        const bool revocation = question.step == certs::Step::revocation;
        step.status = revocation ? Status::skip : Status::pass;
        step.summary = revocation ? "settled when the connection was opened, as far as --revocation asks"
                                  : "verified when the connection was opened";
        return step;
    }
    if (!attempt.verdict) {
        step.summary = attempt.at_parent() && !attempt.tls ? "the parent proxy was not reached, so the server was not"
                       : attempt.tls                       ? "no certificate was received"
                                                           : "plain HTTP, no TLS asked for";
        return step;
    }
    if (!attempt.verdict->paths.empty())
        for (const auto& result : attempt.verdict->paths.front().steps) {
            if (result.step != question.step) continue;
            step.certificates.push_back({result.depth, result.status, certificate_summary(result, context, problems)});
            if (rank(result.status) <= rank(step.status)) continue;
            step.status = result.status;
            if (!result.rule.empty() && result.status != Status::pass) step.reference = result.rule;
        }
    if (step.status == Status::pass) step.summary = question.passed;
    // Most often only the leaf was asked about: that is less than a pass usually means.
    if (step.status == Status::pass && question.step == certs::Step::revocation &&
        !step.certificates.front().summary.empty())
        step.summary = step.certificates.front().summary;
    if (step.status == Status::skip) step.summary = question.skipped;
    tell_left_open(step, question.step, context);
    if (step.status == Status::skip && question.step == certs::Step::revocation && attempt.revocation_left_out)
        step.summary = "not asked: responders and lists are not fetched past the parent proxy";
    if (step.status == Status::skip && question.step == certs::Step::revocation && attempt.verified_file)
        step.summary = "not asked (--crl and --ocsp hand in answers)";
    if (question.step == certs::Step::hostname && attempt.host.empty()) {
        step.status = Status::skip;
        step.summary = "no host name was asked for (--host)";
    }
    if (step.status == Status::fail || step.status == Status::warn) {
        const auto worst = std::ranges::find(step.certificates, step.status, &StepCertificate::status);
        step.summary = worst != step.certificates.end() && !worst->summary.empty() ? worst->summary : "failed";
    }
    return step;
}

}  // namespace

std::vector<StepSummary> explain_steps(const Context& context, const std::vector<Problem>& problems) {
    std::vector<StepSummary> steps = context.attempt.verified_file
                                         ? offline_steps()
                                         : std::vector<StepSummary>{dns_step(context), connect_step(context),
                                                                    hello_step(context), handshake_step(context)};
    for (const auto& question : certificate_steps) steps.push_back(certificate_step(question, context, problems));
    // A server that was never reached, or a request that never left, leaves everything unasked.
    if (std::holds_alternative<DnsFailure>(context.attempt.failure)) steps[0].status = Status::fail;
    apply_problems(steps, problems);
    if (failed_at(problems, "dns"))
        for (std::size_t i = 1; i < connection_steps.size(); ++i) steps[i].status = Status::skip;
    if (was_refused_here(context.attempt))
        for (StepSummary& step : steps) step.summary = not_passed_on;
    return steps;
}

}  // namespace inspect::diagnosis
