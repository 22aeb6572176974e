// The clock doctor: whether a date failed because a clock is wrong, and whose.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// A Date field counts whole seconds, rounded down, and takes time on its way: two clocks cannot be
// compared more closely than this.
constexpr std::int64_t precision = 10;
// This program was made later: a clock that shows an earlier time is wrong.
constexpr certs::Time never_before{1'767'225'600};  // 2026-01-01

bool is_about_dates(const Problem& problem) {
    return problem.severity == certs::Severity::error &&
           (problem.code == Code::expired || problem.code == Code::not_yet_valid);
}

// So that a rounding error of some seconds does not make "3 days" of four.
std::int64_t to_minutes(std::int64_t seconds) {
    constexpr std::int64_t minute = 60, hour = 60 * minute;
    if (seconds > -hour && seconds < hour) return seconds;
    return (seconds + (seconds < 0 ? -minute / 2 : minute / 2)) / minute * minute;
}

enum class When { before, within, after };

When place(const certs::DateEvidence& dates, certs::Time time) {
    return time < dates.not_before ? When::before : dates.not_after < time ? When::after : When::within;
}

const certs::DateEvidence* dates_of(const certs::Verdict& verdict, const Problem& problem) {
    for (const certs::Finding& finding : verdict.problems)
        if (code_of(finding.code) == problem.code && finding.depth == problem.depth)
            return std::get_if<certs::DateEvidence>(&finding.evidence);
    return nullptr;
}

bool is_valid_at(const certs::Verdict& verdict, certs::Time time) {
    return std::ranges::all_of(verdict.problems, [&](const certs::Finding& finding) {
        const auto* dates = std::get_if<certs::DateEvidence>(&finding.evidence);
        return dates == nullptr || finding.severity != certs::Severity::error || place(*dates, time) == When::within;
    });
}

Fix set_clock(std::string_view off) {
    return {Actor::client, fmt::format("Set this machine's clock, which is {}: switch its synchronisation on.", off),
            "sudo timedatectl set-ntp true; date -u"};
}

Fix compare_clocks(std::string_view off) {
    return {
        Actor::client,
        fmt::format(
            "Compare this machine's clock, which is {} of the server's, with a third one; then set the one that is wrong.",
            off),
        "date -u; timedatectl status"};
}

std::string whose_dates(const Problem& problem) {
    return problem.depth.value_or(0) == 0 ? "the certificate" : "a certificate of the chain";
}

EvidenceRow server_clock(const Experiment& asked, std::string note = "its Date header") {
    return {"the server's clock", readable(*asked.date), std::move(note), {}};
}

// A private CA may use the server's own clock, as an appliance's does; a public CA has a clock of
// its own.
constexpr std::string_view one_clock =
    " Unless the CA goes by the server's clock, as in an appliance that makes its own certificate: then a third clock tells which is "
    "right.";

// The server does nothing wrong: its own clock is within the dates, and only ours is not.
void acquit(const Context& context, Problem& problem, const Experiment& asked, std::string_view off) {
    problem.title = fmt::format("this machine's clock is {}: only by it {} {}", off, whose_dates(problem),
                                problem.code == Code::expired ? "has expired" : "is not valid yet");
    problem.detail = "By the Date header of the server the time is within the dates: nothing needs to be renewed.";
    if (!context.attempt.root_of_system) {
        problem.detail += one_clock;
        problem.proof = Proof::likely;
    }
    problem.evidence.push_back(server_clock(asked));
    problem.fixes = {set_clock(off)};
}

// By the server's clock the certificate has not expired yet, by ours it has. Nothing else shows
// which of the two is right. The other case is sure, because a certificate is not made before its
// first day.
void doubt(Problem& problem, const Experiment& asked, std::string_view off) {
    problem.title =
        fmt::format("this machine's clock is {} of the server's: only by it {} has expired", off, whose_dates(problem));
    problem.detail =
        "By the Date header of the server the time is within the dates. Two clocks disagree: if the server's is right, nothing needs to be "
        "renewed; if this machine's is, the certificate has expired. A third clock tells.";
    problem.proof = Proof::likely;
    problem.evidence.push_back(server_clock(asked));
    problem.fixes = {compare_clocks(off)};
}

// The date is wrong by either clock: there is nothing to look for in ours.
void convict(Problem& problem, const Experiment& asked, std::int64_t ahead) {
    std::erase_if(problem.fixes, [](const Fix& fix) { return fix.text == check_clock().text; });
    const bool agree = ahead >= -precision && ahead <= precision;
    problem.evidence.push_back(server_clock(asked, agree
                                                       ? "its Date header: the two clocks agree"
                                                       : "its Date header: by it the certificate is not valid either"));
}

// Ours is before the first day of a certificate that has expired by the server's. Both sides have
// something to mend, and ours is surely wrong, since a certificate is not made before its time.
void blame_both(Problem& problem, const certs::DateEvidence& dates, const Experiment& asked, std::string_view off) {
    const std::string span = span_of_time(asked.date->seconds - dates.not_after.seconds);
    problem.title =
        fmt::format("{} expired {} ago by the server's clock; this machine's is {}", whose_dates(problem), span, off);
    problem.detail =
        "This machine's clock is before the certificate's first day, the server's is after its last: both have something to mend.";
    problem.evidence.push_back(server_clock(asked));
    problem.fixes = {
        {Actor::server, "Renew the certificate: by the server's own clock it has expired. Then reload the server.", ""},
        set_clock(off)};
}

// Without any word from the server.
void acquit_by_age(Problem& problem, certs::Time now) {
    problem.title = fmt::format("this machine's clock says {}: that is before this program was made", readable(now));
    problem.detail = "With a clock that far off no date of a certificate can be judged.";
    problem.fixes = {set_clock("years behind")};
}

// What the two clocks say of the dates of the chain.
enum class Skew { ours_is_wrong, either_is_wrong, explains_nothing };

Problem skew_of(const Context& context, const Experiment& asked, std::string_view off, Skew skew) {
    const bool local = skew == Skew::ours_is_wrong;
    Problem problem = problem_of(Code::clock_skew);
    const std::string host = shorten(context.attempt.host, 40);
    const std::string span = span_of_time(to_minutes(asked.received.seconds - asked.date->seconds));
    problem.title =
        local ? fmt::format("this machine's clock is {}: by the server's clock the certificate is valid", off)
              : fmt::format("the clocks of this machine and of {} differ by {}: one of them is wrong", host, span);
    problem.detail =
        local ? fmt::format(
                    "The Date header of {} and the certificate's dates agree with one another, and both disagree with "
                    "the local clock.",
                    host)
        : skew == Skew::either_is_wrong
            ? "By the server's clock the certificate is valid, by this machine's it has expired: a third clock tells which is right."
            : "The certificate is not valid by the server's clock either, so that the clocks alone do not explain it.";
    problem.evidence = {
        {"this machine's clock", readable(asked.received), "", {}}, server_clock(asked), {"difference", span, "", {}}};
    problem.proof = local && context.attempt.root_of_system ? Proof::experiment : Proof::likely;
    if (local && !context.attempt.root_of_system) problem.detail += one_clock;
    problem.fixes = {set_clock(off)};
    if (!local) {
        problem.fixes.front().text =
            fmt::format("Compare this machine's clock, which is {} by the server's, with a third one.", off);
        problem.fixes.front().command = "date -u; timedatectl status";
        problem.fixes.push_back({Actor::server, "Check the server's clock.", "date -u; timedatectl status"});
    }
    return problem;
}

}  // namespace

Fix check_clock() { return {Actor::client, "Check this machine's clock.", "date -u; timedatectl status"}; }

void add_clock(const Context& context, std::vector<Problem>& problems) {
    const Attempt& attempt = context.attempt;
    if (!calls_for_the_time(attempt)) return;
    const auto asked =
        std::ranges::find_if(attempt.experiments, [](const Experiment& each) { return each.date.has_value(); });
    if (asked == attempt.experiments.end()) {
        if (attempt.time < never_before)
            for (Problem& problem : problems)
                if (is_about_dates(problem)) acquit_by_age(problem, attempt.time);
        return;
    }
    const std::int64_t ahead = to_minutes(asked->received.seconds - asked->date->seconds);
    const bool agree = ahead >= -precision && ahead <= precision;
    const std::string off = fmt::format("{} {}", span_of_time(ahead), ahead > 0 ? "ahead" : "behind");
    const bool local = !agree && is_valid_at(*attempt.verdict, *asked->date);
    for (Problem& problem : problems) {
        const auto* dates = is_about_dates(problem) ? dates_of(*attempt.verdict, problem) : nullptr;
        if (dates == nullptr) continue;
        const When ours = place(*dates, dates->at), theirs = place(*dates, *asked->date);
        if (!agree && theirs == When::within && ours == When::after)
            doubt(problem, *asked, off);
        else if (!agree && theirs == When::within)
            acquit(context, problem, *asked, off);
        else if (ours == When::before && theirs == When::after)
            blame_both(problem, *dates, *asked, off);
        else if (ours == theirs || agree)
            convict(problem, *asked, ahead);
    }
    const bool expired = std::ranges::any_of(
        problems, [](const Problem& each) { return is_about_dates(each) && each.code == Code::expired; });
    const Skew skew = !local ? Skew::explains_nothing : expired ? Skew::either_is_wrong : Skew::ours_is_wrong;
    if (local || ahead < -certs::day || ahead > certs::day) problems.push_back(skew_of(context, *asked, off, skew));
}

}  // namespace inspect::diagnosis
