#include "tests/inspect/evidence_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/wording.h"
#include "tls/suites.h"

namespace tests {

using namespace inspect::diagnosis;

namespace {

using Found = std::vector<std::string>;

bool has(std::string_view text, std::string_view part) { return text.contains(part); }

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '*';
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

// Whether a reader sees the name in that text: with no letter, digit or label before or after it.
bool shows(std::string_view shown, const std::string& name) {
    const std::string text = lower(shown);
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool free_before = at == 0 || !is_name_character(text[at - 1]);
        const bool free_after =
            end == text.size() || !is_name_character(text[end]) || (text[end] == '.' && end + 1 == text.size());
        if (free_before && free_after) return true;
    }
    return false;
}

void code_is_the_first_problems(const Diagnosis& d, Found& found) {
    if (d.outcome == Outcome::ok) return;
    if (d.problems.empty() || d.code != d.problems.front().code)
        found.push_back(fmt::format("code {} is not that of the first problem", name(d.code)));
    if (d.title != d.problems.front().title) found.push_back("title is not that of the first problem");
}

void steps_fail_where_problems_are(const Diagnosis& d, Found& found) {
    std::set<std::string_view> failed, wrong;
    for (const Problem& problem : d.problems)
        if (problem.severity == certs::Severity::error && !problem.step.empty()) wrong.insert(problem.step);
    for (const StepSummary& step : d.steps)
        if (step.status == certs::Status::fail) failed.insert(step.step);
    for (const std::string_view step : failed)
        if (!wrong.contains(step)) found.push_back(fmt::format("step {} fails without a problem", step));
    for (const std::string_view step : wrong)
        if (!failed.contains(step)) found.push_back(fmt::format("a problem of step {}, which does not fail", step));
}

// "for A, not for A"
void names_differ(const Diagnosis& d, Found& found) {
    for (const Problem& problem : d.problems) {
        if (problem.code != Code::hostname_mismatch) continue;
        const auto row = std::ranges::find(problem.evidence, "certificate is valid for", &EvidenceRow::label);
        const auto asked = std::ranges::find(problem.evidence, "asked for", &EvidenceRow::label);
        if (row != problem.evidence.end() && asked != problem.evidence.end())
            for (const std::string& name : row->values)
                if (shows(name, asked->value))
                    found.push_back(fmt::format("valid for {}, and not for {}", name, asked->value));
        if (has(problem.title, "not for ") && problem.title.find("is for ") != std::string::npos) {
            const std::size_t begin = problem.title.find("is for ") + 7, end = problem.title.find(", not for ");
            if (asked != problem.evidence.end() && end > begin &&
                shows(problem.title.substr(begin, end - begin), asked->value))
                found.push_back("title: " + problem.title);
        }
        for (const Fix& fix : problem.fixes)
            if (has(fix.text, "spelling") && asked != problem.evidence.end() && shows(fix.text, asked->value))
                found.push_back("a misspelling of itself: " + fix.text);
    }
}

// By the server's clock the certificate is valid, or it is not.
void dates_heed_the_clock(const Attempt& attempt, const Diagnosis& d, Found& found) {
    constexpr std::int64_t precision = 10;
    const auto asked =
        std::ranges::find_if(attempt.experiments, [](const Experiment& each) { return each.date.has_value(); });
    if (asked == attempt.experiments.end() || !attempt.verdict) return;
    const std::int64_t ahead = asked->received.seconds - asked->date->seconds;
    for (const auto& finding : attempt.verdict->problems) {
        const auto* dates = std::get_if<certs::DateEvidence>(&finding.evidence);
        const auto problem = std::ranges::find_if(d.problems, [&](const Problem& each) {
            return each.code == code_of(finding.code) && each.depth == finding.depth;
        });
        if (dates == nullptr || problem == d.problems.end() || finding.severity != certs::Severity::error) continue;
        const bool valid = dates->not_before <= *asked->date && *asked->date <= dates->not_after;
        const bool proven = ahead < -precision || ahead > precision;
        const bool server =
            std::ranges::any_of(problem->fixes, [](const Fix& fix) { return fix.actor == Actor::server; });
        if (proven && valid && (server || !has(problem->title, "this machine's clock")))
            found.push_back(
                fmt::format("the clock is {} s ahead, and the server is to blame: {}", ahead, problem->title));
        if (!proven && (!server || has(problem->title, "clock")))
            found.push_back(fmt::format("the clocks agree, and the clock is to blame: {}", problem->title));
    }
}

bool was_offered(const Attempt& attempt, const Experiment& each) {
    const tls::Suite* suite = tls::find_suite(each.answer.cipher);
    const auto hello = hello_of(each.trial, attempt);
    if (!hello || !was_accepted(each) || hello->sni != attempt.sni || hello->alpn != attempt.alpn) return false;
    if (suite != nullptr && suite->family == tls::SuiteFamily::obsolete) return false;
    return each.answer.version == 0x0304   ? attempt.versions.highest == tls::Version::tls_1_3
           : each.answer.version == 0x0303 ? attempt.versions.lowest == tls::Version::tls_1_2
                                           : false;
}

void experiments_are_heeded(const Attempt& attempt, const Diagnosis& d, Found& found) {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    if (failure == nullptr || d.problems.empty()) return;
    const Problem& first = d.problems.front();
    if (first.proof == Proof::experiment && attempt.experiments.empty())
        found.emplace_back("proven by experiment, and none was made");
    if (was_passing(attempt)) {
        if (first.our_limit ||
            !(first.title.contains("the same again was accepted") ||
              first.title.contains("one of two alike was accepted")) ||
            d.code == Code::no_shared_cipher || d.code == Code::protocol_version)
            found.emplace_back("the same handshake was accepted a moment later, and what is told would last");
        return;
    }
    if (failure->reached > tls::Milestone::client_hello) return;
    const auto accepted =
        std::ranges::find_if(attempt.experiments, [&](const Experiment& each) { return was_offered(attempt, each); });
    if (accepted == attempt.experiments.end()) return;
    for (const Code code : {Code::no_shared_cipher, Code::protocol_version})
        if (d.code == code) found.push_back(fmt::format("{}, and {} was accepted", name(code), told(*accepted).tried));
    const bool round = std::ranges::any_of(first.fixes, [](const Fix& fix) { return has(fix.text, "--passthrough"); });
    const bool blamed = std::ranges::any_of(first.fixes, [](const Fix& fix) { return fix.actor == Actor::server; });
    if ((d.code == Code::tls_alert || d.code == Code::tls_protocol_error) && (!round || blamed))
        found.push_back(fmt::format("what we offer was accepted, and {}",
                                    blamed ? "the server is to mend it" : "no way round is named"));
}

void values_disagree(const Attempt& attempt, const Diagnosis& d, Found& found) {
    for (const Problem& problem : d.problems) {
        const auto value = [&](std::string_view label) {
            const auto row = std::ranges::find(problem.evidence, label, &EvidenceRow::label);
            return row == problem.evidence.end() ? std::string() : row->value;
        };
        for (const auto& [needed, seen] : {std::pair("key needed", "key found"), std::pair("needed", "found")})
            if (!value(needed).empty() && value(needed) == value(seen))
                found.push_back(
                    fmt::format("{}: {} and {} are both {}", name(problem.code), needed, seen, value(seen)));
    }
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    const bool by_word = !d.problems.empty() && d.problems.front().proof != Proof::experiment &&
                         std::ranges::none_of(d.problems.front().evidence,
                                              [](const EvidenceRow& row) { return row.label.ends_with("(tried)"); });
    if (failure != nullptr && failure->alert_received == 86 && by_word && !has(d.title, "inappropriate_fallback"))
        found.emplace_back("alert 86 is not quoted");
}

void fixes_can_be_followed(const Diagnosis& d, Found& found) {
    for (const Problem& problem : d.problems) {
        if (problem.title.empty()) found.push_back(fmt::format("{} has no title", name(problem.code)));
        for (const Fix& fix : problem.fixes) {
            if (fix.text.empty()) found.push_back(fmt::format("{}: a fix without a sentence", name(problem.code)));
            if (has(fix.text, "{}") || has(fix.command, "{}")) found.push_back("a hole in: " + fix.text);
            if (has(fix.command, "--host ''") || has(fix.command, "-d ''"))
                found.push_back("a command without a name: " + fix.command);
        }
    }
}

}  // namespace

std::vector<std::string> contradictions(const Attempt& attempt, const Diagnosis& diagnosis) {
    Found found;
    code_is_the_first_problems(diagnosis, found);
    steps_fail_where_problems_are(diagnosis, found);
    names_differ(diagnosis, found);
    dates_heed_the_clock(attempt, diagnosis, found);
    experiments_are_heeded(attempt, diagnosis, found);
    values_disagree(attempt, diagnosis, found);
    fixes_can_be_followed(diagnosis, found);
    return found;
}

}  // namespace tests
