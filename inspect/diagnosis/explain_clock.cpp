// The clock doctor: whether a date failed because a clock is wrong, and whose.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain_parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

bool is_about_dates(std::string_view code) { return code == "expired" || code == "not_yet_valid"; }

bool is_valid_at(const certs::Verdict& verdict, certs::Time time) {
    return std::ranges::all_of(verdict.problems, [&](const certs::Finding& finding) {
        const auto* dates = std::get_if<certs::DateEvidence>(&finding.evidence);
        if (dates == nullptr || finding.severity != certs::Severity::error) return true;
        return dates->not_before <= time && time <= dates->not_after;
    });
}

Fix set_clock(std::string_view off) {
    return {Actor::client, fmt::format("Set this machine's clock, which is {}: switch its synchronisation on.", off),
            "sudo timedatectl set-ntp true; date -u"};
}

Problem skew_of(const Context& context, const Experiment& asked, std::string_view off, bool local) {
    Problem problem = problem_of("clock_skew");
    const std::string host = shorten(context.attempt.host, 40);
    const std::string span = span_of_time(asked.received.seconds - asked.date->seconds);
    problem.title = local ? fmt::format("this machine's clock is {}: by the server's clock the certificate is valid", off)
                          : fmt::format("the clocks of this machine and of {} differ by {}: one of them is wrong", host, span);
    problem.detail = local ? fmt::format(
                                 "The Date header of {} and the certificate's dates agree with one another, and both disagree with "
                                 "the local clock.",
                                 host)
                           : "The certificate is not valid by the server's clock either, so that the clocks alone do not explain it.";
    problem.evidence = {{"this machine's clock", readable(asked.received), "", {}},
                        {"the server's clock", readable(*asked.date), "its Date header", {}},
                        {"difference", span, "", {}}};
    problem.proof = local ? Proof::experiment : Proof::likely;
    problem.fixes = {set_clock(off)};
    if (!local) {
        problem.fixes.front().text = fmt::format("Compare this machine's clock, which is {} by the server's, with a third one.", off);
        problem.fixes.front().command = "date -u; timedatectl status";
        problem.fixes.push_back({Actor::server, "Check the server's clock.", "date -u; timedatectl status"});
    }
    return problem;
}

}  // namespace

void add_clock(const Context& context, std::vector<Problem>& problems) {
    const Attempt& attempt = context.attempt;
    const auto asked = std::ranges::find_if(attempt.experiments, [](const Experiment& each) { return each.date.has_value(); });
    if (!calls_for_the_time(attempt) || asked == attempt.experiments.end()) return;
    const std::int64_t ahead = asked->received.seconds - asked->date->seconds;
    if (ahead >= -certs::day && ahead <= certs::day) return;

    const std::string off = fmt::format("{} {}", span_of_time(ahead), ahead > 0 ? "ahead" : "behind");
    const bool local = is_valid_at(*attempt.verdict, *asked->date);
    for (Problem& problem : problems) {
        if (!local || !is_about_dates(problem.code)) continue;
        problem.detail =
            fmt::format("This machine's clock is {} (by the Date header of the server); at the right time the certificate is valid.", off);
        // Until now the clock was the last thing to look at.
        if (!problem.fixes.empty()) problem.fixes.pop_back();
        problem.fixes.insert(problem.fixes.begin(), set_clock(off));
    }
    problems.push_back(skew_of(context, *asked, off, local));
}

}  // namespace inspect::diagnosis
