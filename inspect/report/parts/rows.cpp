#include "inspect/report/parts/rows.h"

#include <fmt/format.h>

#include "inspect/report/pen.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"

namespace inspect::report {

namespace {

using diagnosis::EvidenceRow;

std::string safe(std::string_view text) { return for_terminal(text, value_limit); }
std::string html_safe(std::string_view text) { return for_html(text, value_limit); }

std::string labelled(std::string_view label, std::string_view value, const Paper& paper) {
    const std::string head = fmt::format("  {:<{}}", safe(label), label_width);
    return filled(columns(head) > label_width + 2 ? head + " " : head, value, label_width + 2, paper.width);
}

std::string value(const EvidenceRow& row) {
    std::string result;
    if (row.values.empty()) {
        result = fmt::format("<span class=\"mono\">{}</span>", html_safe(row.value));
    } else {
        result = "<ul>";
        for (const auto& each : row.values) result += fmt::format("<li class=\"mono\">{}</li>", html_safe(each));
        result += "</ul>";
    }
    if (!row.note.empty()) result += fmt::format(" <span class=\"note\">{}</span>", html_safe(row.note));
    return result;
}

}  // namespace

std::string rows(const std::vector<EvidenceRow>& all, const Paper& paper) {
    std::string result;
    for (const auto& row : all) {
        std::string note = row.note.empty() ? "" : safe(row.note);
        if (row.values.empty()) {
            result += labelled(row.label, safe(row.value) + (note.empty() ? "" : "  (" + note + ")"), paper);
            continue;
        }
        std::string_view label = row.label;
        for (const auto& value : row.values) {
            result += labelled(label, safe(value), paper);
            label = "";
        }
        if (!note.empty()) result += labelled("", note, paper);
    }
    return result;
}

std::string section(std::string_view title, const Paper& paper) {
    return "\n" + painted(title, Pen::bold, paper.ink) + "\n";
}

std::string facts(std::string_view caption, const std::vector<EvidenceRow>& rows) {
    std::string result = "<table class=\"facts\">\n";
    if (!caption.empty()) result += fmt::format("<caption>{}</caption>\n", caption);
    result += "<tbody>\n";
    for (const auto& row : rows)
        result += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html_safe(row.label), value(row));
    return result + "</tbody>\n</table>\n";
}

}  // namespace inspect::report
