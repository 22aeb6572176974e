// The report for a terminal and for Postman's pane: what is wrong, the evidence, what to do, then
// all that was asked.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/parts/rows.h"
#include "inspect/report/pen.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"
#include "inspect/report/render.h"

namespace inspect::report {

namespace {

using diagnosis::Diagnosis;
using diagnosis::name;
using diagnosis::Problem;

std::string safe(std::string_view text) { return for_terminal(text, value_limit); }

// A line that begins with a status word after `indent` spaces.
std::string status_line(std::size_t indent, certs::Status status, std::string_view head, std::string_view text,
                        const Paper& paper) {
    const std::string_view word = diagnosis::status_word(status);
    const std::string first = fmt::format("{}{:<4} {}", std::string(indent, ' '), word, head);
    std::string line = filled(first, text, columns(first), paper.width);
    return line.replace(indent, word.size(), painted(word, pen_of(status), paper.ink));
}

// The two names one above the other, one column per label, so that the eye finds where they differ.
std::string label_comparison(const Problem& problem, const Paper& paper) {
    std::string asked, certificate, marks;
    for (const auto& pair : problem.labels) {
        const std::string left = for_terminal(pair.asked, 63), right = for_terminal(pair.certificate, 63);
        const bool agrees = pair.relation == diagnosis::LabelPair::Relation::same ||
                            pair.relation == diagnosis::LabelPair::Relation::wildcard;
        const std::size_t size = std::max({columns(left), columns(right), std::size_t{1}});
        const auto padded = [&](const std::string& text) { return text + std::string(size - columns(text), ' '); };
        const std::string_view gap = asked.empty() ? "" : " . ";
        asked += std::string(pair.asked.empty() ? std::string(gap.size(), ' ') : std::string(gap)) + padded(left);
        certificate += std::string(pair.certificate.empty() || certificate.find_first_not_of(' ') == std::string::npos
                                       ? std::string(gap.size(), ' ')
                                       : std::string(gap)) +
                       padded(right);
        marks += std::string(gap.size(), ' ') + std::string(size, agrees ? ' ' : '^');
    }
    const std::size_t room = paper.width - label_width - 2;
    if (problem.labels.empty() || columns(asked) > room || columns(certificate) > room) return "";
    const auto line = [](std::string_view label, std::string text) {
        text.erase(text.find_last_not_of(' ') + 1);
        return fmt::format("  {:<{}}{}\n", label, label_width, text);
    };
    return "\n" + line("asked for", asked) + line("in the certificate", certificate) + line("", marks);
}

std::string fixes(const Problem& problem, const Paper& paper) {
    std::string result;
    std::size_t number = 0;
    for (const auto& fix : problem.fixes) {
        result += filled(fmt::format("  {}. {}: ", ++number, diagnosis::for_whom(fix.actor)),
                         for_terminal(fix.text, 1200), 5, paper.width);
        if (!fix.command.empty()) result += broken_command(for_terminal(fix.command, 2000), 7, paper.width);
    }
    return result;
}

std::string short_problems(std::span<const Problem> problems, const Paper& paper) {
    std::string result;
    for (const Problem& problem : problems) {
        result += filled(fmt::format("  {:<8}", name(problem.severity)),
                         fmt::format("{} [{}]", safe(diagnosis::headline(problem.title)), name(problem.code)), 10,
                         paper.width);
        for (const auto& fix : problem.fixes) {
            result += filled("          ",
                             fmt::format("{}: {}", diagnosis::for_whom(fix.actor), for_terminal(fix.text, 1200)), 10,
                             paper.width);
            if (!fix.command.empty()) result += broken_command(for_terminal(fix.command, 2000), 12, paper.width);
            break;
        }
    }
    return result;
}

// Each certificate's own answer, where they differ.
std::string step_certificates(const Diagnosis& diagnosis, const diagnosis::StepSummary& step, const Paper& paper) {
    const auto differs = [&](const auto& each) { return each.status != step.certificates.front().status; };
    if (std::ranges::none_of(step.certificates, differs)) return "";
    std::string result;
    for (const auto& each : step.certificates) {
        std::string text = each.depth < diagnosis.chain.size()
                               ? diagnosis::short_name(diagnosis.chain[each.depth].description.subject)
                               : "";
        text = diagnosis::shorten(text, 40);
        if (!each.summary.empty() && each.summary != step.summary) text += (text.empty() ? "" : ": ") + each.summary;
        result += status_line(28, each.status, fmt::format("{} ", each.depth), safe(text), paper);
    }
    return result;
}

std::string experiments(const Diagnosis& diagnosis, const Paper& paper) {
    std::string result;
    for (const auto& each : diagnosis.experiments)
        result += filled(fmt::format("  {}: ", safe(each.tried)),
                         safe(each.result + (each.detail.empty() ? "" : " (" + each.detail + ")")), 6, paper.width);
    if (const auto says = diagnosis::acceptance_statement(diagnosis); !says.empty())
        result += filled("  ", says, 2, paper.width);
    return result;
}

// How many steps from this one on were skipped for the same reason; 1 for any other.
std::size_t skipped_alike(std::span<const diagnosis::StepSummary> steps) {
    const auto alike = [&](const diagnosis::StepSummary& step) {
        return step.status == certs::Status::skip && step.summary == steps.front().summary;
    };
    const auto end = std::ranges::find_if_not(steps, alike);
    return std::max<std::size_t>(1, static_cast<std::size_t>(end - steps.begin()));
}

std::string steps(const Diagnosis& diagnosis, const Paper& paper) {
    std::string result;
    const std::span all(diagnosis.steps);
    for (std::size_t i = 0; i < all.size();) {
        const auto& step = all[i];
        const std::size_t alike = skipped_alike(all.subspan(i));
        i += alike;
        const std::string called =
            alike == 1 ? std::string(step.step) : fmt::format("{} … {}", step.step, all[i - 1].step);
        std::string text = safe(step.summary);
        const bool telling = step.status == certs::Status::fail || step.status == certs::Status::warn;
        if (telling && !step.reference.empty()) text += fmt::format(" ({})", step.reference);
        result += status_line(2, step.status, fmt::format(" {:<20}", called), text, paper);
        if (telling) result += step_certificates(diagnosis, step, paper);
    }
    return result;
}

std::string certificates(const Diagnosis& diagnosis, const Paper& paper) {
    std::string result;
    for (std::size_t depth = 0; depth < diagnosis.chain.size() && depth < 20; ++depth) {
        if (depth > 0) result += "\n";
        result += fmt::format("  {} {}\n", depth, diagnosis::role(diagnosis, depth)) +
                  rows(diagnosis::certificate_rows(diagnosis, diagnosis.chain[depth]), paper);
    }
    return result;
}

std::string head(const Diagnosis& diagnosis, const Paper& paper) {
    std::string result = filled("", for_terminal(diagnosis::headline(diagnosis.title), 480), 0, paper.width);
    result.pop_back();
    result = painted(result, pen_of(diagnosis.outcome), paper.ink) + "\n";
    if (diagnosis.code == diagnosis::Code::none) return result;
    const std::string_view step = diagnosis::failed_step(diagnosis);
    return result + filled("",
                           fmt::format("{}, {}{}", name(diagnosis.code), safe(diagnosis::place(diagnosis)),
                                       step.empty() ? "" : fmt::format(" (step {})", step)),
                           0, paper.width);
}

// Nothing that is specific to the server, not even the way to it, which may lead through a parent
// proxy.
std::string brief_text(const Diagnosis& diagnosis) {
    const std::string sent = diagnosis::sent_statement(diagnosis);
    std::string result = filled("", diagnosis::headline(diagnosis::class_title(diagnosis.code)), 0) +
                         std::string(name(diagnosis.code)) + "\n";
    if (!sent.empty()) result += sent + "\n";
    return result + std::string(diagnosis::brief_hint) + "\n";
}

}  // namespace

std::string text(const Diagnosis& diagnosis, Detail detail, const Paper& paper) {
    if (detail == Detail::off) return fmt::format("{} {}\n", diagnosis.status, http::reason_phrase(diagnosis.status));
    if (detail == Detail::brief && diagnosis.code != diagnosis::Code::none) return brief_text(diagnosis);
    std::string result = head(diagnosis, paper);
    const std::string sent = diagnosis::sent_statement(diagnosis);
    if (detail == Detail::brief) return sent.empty() ? result : result + sent + "\n";
    if (!diagnosis.detail.empty()) result += "\n" + filled("", for_terminal(diagnosis.detail, 2000), 0, paper.width);
    if (!sent.empty()) result += (diagnosis.detail.empty() ? "\n" : "") + sent + "\n";
    if (const std::string breaks = diagnosis::breaks_statement(diagnosis); !breaks.empty())
        result += "\n" + filled("", safe(breaks), 0, paper.width);
    if (diagnosis.code != diagnosis::Code::none) {
        const Problem& first = diagnosis.problems.front();
        if (first.proof == diagnosis::Proof::likely) result += "This cause is likely, not proven.\n";
        result += section("Evidence", paper) + rows(first.evidence, paper) + label_comparison(first, paper);
        if (!first.fixes.empty()) result += section("What to do", paper) + fixes(first, paper);
    }
    if (!diagnosis::other_problems(diagnosis).empty())
        result += section("Also found", paper) + short_problems(diagnosis::other_problems(diagnosis), paper);
    if (!diagnosis.experiments.empty()) result += section("Experiments", paper) + experiments(diagnosis, paper);
    if (!diagnosis.steps.empty()) result += section("Steps", paper) + steps(diagnosis, paper);
    if (!diagnosis.elsewhere.empty())
        result +=
            section("The same failure elsewhere", paper) + rows(diagnosis::elsewhere_rows(diagnosis.elsewhere), paper);
    if (!diagnosis.chain.empty()) result += section("Certificates", paper) + certificates(diagnosis, paper);
    return result + section(diagnosis::connection_title(diagnosis), paper) +
           rows(diagnosis::connection_rows(diagnosis), paper);
}

std::string summary(const Diagnosis& diagnosis, const Paper& paper) {
    const std::string_view word =
        diagnosis::status_word(diagnosis.code == diagnosis::Code::none ? certs::Status::pass : certs::Status::warn);
    const std::string where = for_terminal(diagnosis::endpoint(diagnosis.host, diagnosis.port), 300);
    // One line, as in a list of many, for programs that read lines.
    const std::string line =
        fmt::format("{:<4} {}: {}\n", word, where, safe(diagnosis::agreement_statement(diagnosis)));
    const auto severe = std::ranges::find(diagnosis.problems, certs::Severity::notice, &Problem::severity);
    return painted(word, pen_of(diagnosis.outcome), paper.ink) + line.substr(word.size()) +
           short_problems(std::span(diagnosis.problems.begin(), severe), paper) + remarks(diagnosis, paper);
}

std::string remarks(const Diagnosis& diagnosis, const Paper& paper) {
    std::string result;
    if (!diagnosis.http2_remark.empty()) result += filled("  notice  ", safe(diagnosis.http2_remark), 10, paper.width);
    for (const std::string& each : diagnosis.response_remarks)
        result += filled("  notice  ", safe(each), 10, paper.width);
    return result;
}

std::string unmet(const std::vector<Expected>& expected, const Paper& paper) {
    std::string result;
    for (const auto& [expectation, answer] : expected)
        if (!answer.met)
            result += filled(fmt::format("  expected {}: ", to_string(expectation)), "found " + safe(answer.found), 4,
                             paper.width);
    return result;
}

}  // namespace inspect::report
