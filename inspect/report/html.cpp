// The report for a browser: one page that loads nothing from outside, with semantic headings, lists
// and captioned tables; complete without its script.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/page/chain_svg.h"
#include "inspect/report/page/page.h"
#include "inspect/report/parts/rows.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"

namespace inspect::report {

namespace {

using diagnosis::Diagnosis;
using diagnosis::EvidenceRow;
using diagnosis::name;
using diagnosis::Problem;

std::string safe(std::string_view text, std::size_t limit = value_limit) { return for_html(text, limit); }

std::string fix(const diagnosis::Fix& fix) {
    std::string result =
        fmt::format("<span class=\"who\">{}:</span> {}", diagnosis::for_whom(fix.actor), safe(fix.text, 1200));
    if (!fix.command.empty()) result += "\n" + to_copy(safe(fix.command, 2000), "command");
    return result;
}

std::string fixed_chain(const Diagnosis& diagnosis) {
    if (diagnosis.fixed_chain.empty() || diagnosis.fixed_chain.size() > 200'000) return "";
    // PEM needs no escaping: base64 and line ends, written by us.
    return "<details><summary>The chain that the server should send (PEM)</summary>\n" +
           to_copy(diagnosis.fixed_chain, "chain") + "</details>\n";
}

std::string fixes(const Diagnosis& diagnosis, const Problem& problem) {
    std::string result = "<section aria-labelledby=\"todo\">\n<h2 id=\"todo\">What to do</h2>\n<ol class=\"fixes\">\n";
    for (const auto& each : problem.fixes) result += "<li>" + fix(each) + "</li>\n";
    return result + "</ol>\n" + fixed_chain(diagnosis) + "</section>\n";
}

bool agrees(const diagnosis::LabelPair& pair) {
    return pair.relation == diagnosis::LabelPair::Relation::same ||
           pair.relation == diagnosis::LabelPair::Relation::wildcard;
}

std::string label_cells(const Problem& problem, std::string diagnosis::LabelPair::* side) {
    std::string cells;
    for (const auto& pair : problem.labels) {
        const std::string& label = pair.*side;
        const std::string_view look = label.empty()  ? " class=\"differs none\""
                                      : agrees(pair) ? ""
                                                     : " class=\"differs\"";
        cells += fmt::format("<td{}><span>{}</span></td>", look, label.empty() ? "&ndash;" : safe(label, 63));
    }
    return cells;
}

std::string label_comparison(const Problem& problem) {
    if (problem.labels.empty()) return "";
    std::string verdicts;
    for (const auto& pair : problem.labels)
        verdicts += fmt::format("<td{}>{}</td>", agrees(pair) ? "" : " class=\"differs\"",
                                diagnosis::relation_text(pair.relation));
    return fmt::format(
        "<div class=\"names\"><table>\n<caption>Label by label</caption>\n<tbody>\n<tr><th scope=\"row\">asked for</th>{}</tr>\n"
        "<tr><th scope=\"row\">in the certificate</th>{}</tr>\n<tr class=\"verdict\"><th "
        "scope=\"row\"></th>{}</tr>\n</tbody>\n</table></div>\n",
        label_cells(problem, &diagnosis::LabelPair::asked), label_cells(problem, &diagnosis::LabelPair::certificate),
        verdicts);
}

std::string figure(const Diagnosis& diagnosis) {
    const std::string picture = chain_svg(diagnosis::picture_of(diagnosis));
    return picture.empty() ? "" : "<figure>\n" + picture + "</figure>\n";
}

std::string evidence(const Diagnosis& diagnosis, const Problem& problem) {
    const std::string picture = figure(diagnosis);
    return fmt::format("<section class=\"evidence{}\">\n<div>\n{}{}</div>\n{}</section>\n",
                       picture.empty() ? "" : " with-picture", facts("Evidence", problem.evidence),
                       label_comparison(problem), picture);
}

std::string also_found(const Diagnosis& diagnosis) {
    if (diagnosis::other_problems(diagnosis).empty()) return "";
    std::string result = "<section aria-labelledby=\"also\">\n<h2 id=\"also\">Also found</h2>\n";
    for (const Problem& problem : diagnosis::other_problems(diagnosis)) {
        result +=
            fmt::format("<h3><span class=\"pill {}\">{}</span> {}</h3>\n<p><span class=\"tag\">{}</span> {}</p>\n",
                        problem.severity == certs::Severity::error ? "fail" : "warn", name(problem.severity),
                        safe(diagnosis::headline(problem.title)), name(problem.code), safe(problem.detail, 2000));
        if (!problem.fixes.empty()) result += "<div>" + fix(problem.fixes.front()) + "</div>\n";
    }
    return result + "</section>\n";
}

std::string experiments(const Diagnosis& diagnosis) {
    if (diagnosis.experiments.empty()) return "";
    std::vector<EvidenceRow> rows;
    for (const auto& each : diagnosis.experiments) rows.push_back({each.tried, each.result, each.detail, {}});
    const std::string_view says = diagnosis::acceptance_statement(diagnosis);
    return "<section>\n" + facts("Experiments", rows) +
           (says.empty() ? "" : fmt::format("<p>{}</p>\n", for_html(says))) + "</section>\n";
}

std::string step_certificates(const diagnosis::StepSummary& step) {
    // Where no certificate has a text of its own, the step's own line is enough.
    if (step.certificates.size() < 2 ||
        std::ranges::all_of(step.certificates, [](const auto& each) { return each.summary.empty(); }))
        return "";
    std::string result = "<details><summary>certificate by certificate</summary><ul>";
    for (const auto& each : step.certificates) {
        if (result.size() > 40'000) break;
        result +=
            fmt::format("<li>{}: {}{}</li>", each.depth, diagnosis::status_word(each.status),
                        each.summary.empty() ? "" : " &ndash; <span class=\"mono\">" + safe(each.summary) + "</span>");
    }
    return result + "</ul></details>";
}

std::string steps(const Diagnosis& diagnosis) {
    if (diagnosis.steps.empty()) return "";
    std::string result = "<section>\n<table class=\"steps\">\n<caption>All steps</caption>\n<tbody>\n";
    for (const auto& step : diagnosis.steps) {
        result += fmt::format("<tr class=\"{0}\"><td><span class=\"pill {0}\">{1}</span></td><td>{2}</td><td>{3}",
                              name(step.status), diagnosis::status_word(step.status), step.step, safe(step.summary));
        if (!step.reference.empty() && step.status != certs::Status::skip)
            result += fmt::format(" <span class=\"note\">{}</span>", safe(step.reference));
        result += step_certificates(step) + "</td></tr>\n";
    }
    return result + "</tbody>\n</table>\n</section>\n";
}

std::string chain(const Diagnosis& diagnosis) {
    if (diagnosis.chain.empty()) return "";
    std::string result = "<section aria-labelledby=\"chain\">\n<h2 id=\"chain\">Certificates</h2>\n";
    if (diagnosis.code == diagnosis::Code::none) result += figure(diagnosis);
    result += "<ol class=\"chain\">\n";
    for (std::size_t depth = 0; depth < diagnosis.chain.size() && depth < 20; ++depth) {
        const auto& each = diagnosis.chain[depth];
        const bool bad = std::ranges::any_of(diagnosis.problems, [&](const Problem& problem) {
            return problem.severity == certs::Severity::error && problem.depth == depth;
        });
        const std::string called = diagnosis::short_name(each.description.subject);
        result +=
            fmt::format("<li{}><h3>{} <span class=\"note\">{}{}</span></h3>\n{}</li>\n", bad ? " class=\"bad\"" : "",
                        called.empty() ? "(no subject)" : safe(called, 200), diagnosis::role(diagnosis, depth),
                        bad ? ", at fault" : "", facts("", diagnosis::certificate_rows(diagnosis, each)));
    }
    return result + "</ol>\n</section>\n";
}

std::string hero(const Diagnosis& diagnosis) {
    const std::string_view step = diagnosis::failed_step(diagnosis);
    std::string result =
        fmt::format("<header class=\"hero {}\">\n<p class=\"where\">{}</p>\n<h1>{}</h1>\n", name(diagnosis.outcome),
                    safe(diagnosis::headline(diagnosis::place(diagnosis))), safe(diagnosis::headline(diagnosis.title)));
    if (!diagnosis.detail.empty()) result += fmt::format("<p>{}</p>\n", safe(diagnosis.detail, 2000));
    if (diagnosis.code != diagnosis::Code::none && diagnosis.problems.front().proof == diagnosis::Proof::likely)
        result += "<p class=\"note\">This cause is likely, not proven.</p>\n";
    if (const std::string sent = diagnosis::sent_statement(diagnosis); !sent.empty())
        result += fmt::format("<p class=\"sent{}\">{}</p>\n", diagnosis.nothing_sent ? "" : " went", sent);
    if (diagnosis.code != diagnosis::Code::none)
        result += fmt::format("<p><span class=\"tag\">{}</span>{}</p>\n", name(diagnosis.code),
                              step.empty() ? "" : fmt::format(" <span class=\"note\">step {}</span>", step));
    return result + "</header>\n";
}

constexpr std::string_view top = "<p class=\"top\"><b>whytls</b> &ndash; why did TLS fail?</p>\n<main>\n";
constexpr std::string_view foot =
    "</main>\n<footer><p>This page was written by whytls, the proxy on your machine, not by the server.</p></footer>\n";

// Nothing that is specific to the server, not even the way to it, which may lead through a parent
// proxy.
std::string brief_page(const Diagnosis& diagnosis) {
    const std::string title = diagnosis::headline(diagnosis::class_title(diagnosis.code));
    std::string result = page_begin(title).append(top);
    result += fmt::format("<header class=\"hero {}\">\n<h1>{}</h1>\n", name(diagnosis.outcome), safe(title));
    if (const std::string sent = diagnosis::sent_statement(diagnosis); !sent.empty())
        result += fmt::format("<p class=\"sent{}\">{}</p>\n", diagnosis.nothing_sent ? "" : " went", sent);
    result += fmt::format("<p>{}</p>\n<p><span class=\"tag\">{}</span></p>\n</header>\n", diagnosis::brief_hint,
                          name(diagnosis.code));
    return result.append(foot) + page_end();
}

std::string generic_page(int status) {
    const std::string_view reason = http::reason_phrase(status);
    return page_begin(reason) + fmt::format("<main><h1>{} {}</h1></main>\n", status, reason) + page_end();
}

}  // namespace

std::string html(const Diagnosis& diagnosis, Detail detail) {
    if (detail == Detail::off) return generic_page(diagnosis.status);
    if (detail == Detail::brief && diagnosis.code != diagnosis::Code::none) return brief_page(diagnosis);
    std::string result = page_begin(diagnosis::headline(diagnosis.title)).append(top) + hero(diagnosis);
    if (detail == Detail::full) {
        if (diagnosis.code != diagnosis::Code::none) {
            const Problem& first = diagnosis.problems.front();
            result += evidence(diagnosis, first);
            if (!first.fixes.empty()) result += fixes(diagnosis, first);
        }
        result += also_found(diagnosis) + experiments(diagnosis) + steps(diagnosis);
        if (!diagnosis.elsewhere.empty())
            result += "<section>\n" +
                      facts("The same failure elsewhere", diagnosis::elsewhere_rows(diagnosis.elsewhere)) +
                      "</section>\n";
        result += chain(diagnosis);
        result += "<section>\n" + facts(diagnosis::connection_title(diagnosis), diagnosis::connection_rows(diagnosis)) +
                  "</section>\n";
    }
    return result.append(foot) + page_end();
}

}  // namespace inspect::report
