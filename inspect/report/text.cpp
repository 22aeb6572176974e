// The report for a terminal and for Postman's pane: what is wrong, the evidence, what to do, then all that was asked.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/escape.h"
#include "inspect/report/render.h"

namespace inspect::report {

namespace {

using diagnosis::Diagnosis;
using diagnosis::EvidenceRow;
using diagnosis::name;
using diagnosis::Problem;

constexpr std::size_t width = 100;  // contract §3
constexpr std::size_t label_width = 26;
constexpr std::size_t value_limit = 600;  // bytes of one value: some lines, whatever a certificate holds

std::string safe(std::string_view text) { return for_terminal(text, value_limit); }

// The longest beginning that fits, in bytes; at least one character.
std::size_t fitting(std::string_view text, std::size_t room) {
    std::size_t size = 0, used = 0;
    while (size < text.size() && used < std::max<std::size_t>(room, 1)) {
        ++size;
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
        ++used;
    }
    return size;
}

// `text` (safe already) filled into lines of the page's width: the first begins with `first`, the others with `indent` spaces.
std::string filled(std::string_view first, std::string_view text, std::size_t indent) {
    std::string result, line(first);
    std::size_t used = columns(first);
    bool empty = true;
    const auto feed = [&] {
        result += line + "\n";
        line.assign(indent, ' ');
        used = indent;
        empty = true;
    };
    while (!text.empty()) {
        const auto space = text.find(' ');
        std::string_view word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        if (!empty && used + 1 + columns(word) > width) feed();
        while (columns(word) + used + (empty ? 0 : 1) > width) {
            const std::size_t size = fitting(word, width - used);
            line += word.substr(0, size);
            word.remove_prefix(size);
            feed();
        }
        if (word.empty()) continue;
        if (!empty) line += ' ', ++used;
        line += word;
        used += columns(word);
        empty = false;
    }
    if (!empty || result.empty()) result += line + "\n";
    return result;
}

// A command broken so that it can still be pasted: at spaces outside quotes, else wherever the column demands it, the
// quote closed before the break and opened again behind it.
std::string broken_command(std::string_view command, std::size_t indent) {
    std::string result, line(indent, ' ');
    std::size_t used = indent, space = std::string::npos;
    char quote = 0;
    for (std::size_t at = 0; at < command.size();) {
        const std::size_t size = fitting(command.substr(at), 1);
        const std::string_view character = command.substr(at, size);
        at += size;
        if (character == "'" || character == "\"") quote = quote == 0 ? character[0] : quote == character[0] ? '\0' : quote;
        if (character == " " && quote == 0) space = line.size();
        line += character;
        ++used;
        // Two columns are kept for the quote and the backslash.
        if (used + 2 < width || at == command.size()) continue;
        const bool rest_fits = space != std::string::npos && indent + 4 + columns(std::string_view(line).substr(space + 1)) + 2 < width;
        if (rest_fits) {
            const std::string rest = line.substr(space + 1);
            result += line.substr(0, space) + " \\\n";
            line = std::string(indent + 4, ' ') + rest;
        } else {
            result += line + (quote == '\'' ? "'\\\n" : "\\\n");
            line = quote == '\'' ? "'" : "";
        }
        used = columns(line);
        space = std::string::npos;
    }
    return result + line + "\n";
}

std::string labelled(std::string_view label, std::string_view value) {
    const std::string head = fmt::format("  {:<{}}", safe(label), label_width);
    return filled(columns(head) > label_width + 2 ? head + " " : head, value, label_width + 2);
}

std::string rows(const std::vector<EvidenceRow>& all) {
    std::string result;
    for (const auto& row : all) {
        std::string note = row.note.empty() ? "" : safe(row.note);
        if (row.values.empty()) {
            result += labelled(row.label, safe(row.value) + (note.empty() ? "" : "  (" + note + ")"));
            continue;
        }
        std::string_view label = row.label;
        for (const auto& value : row.values) {
            result += labelled(label, safe(value));
            label = "";
        }
        if (!note.empty()) result += labelled("", note);
    }
    return result;
}

std::string section(std::string_view title) { return fmt::format("\n{}\n", title); }

// The two names over one another, a column a label, so that the eye finds where they part.
std::string label_comparison(const Problem& problem) {
    std::string asked, certificate, marks;
    for (const auto& pair : problem.labels) {
        const std::string left = for_terminal(pair.asked, 63), right = for_terminal(pair.certificate, 63);
        const bool agrees =
            pair.relation == diagnosis::LabelPair::Relation::same || pair.relation == diagnosis::LabelPair::Relation::wildcard;
        const std::size_t size = std::max({columns(left), columns(right), std::size_t{1}});
        const auto padded = [&](const std::string& text) { return text + std::string(size - columns(text), ' '); };
        const std::string_view gap = asked.empty() ? "" : " . ";
        asked += std::string(pair.asked.empty() ? std::string(gap.size(), ' ') : std::string(gap)) + padded(left);
        certificate +=
            std::string(pair.certificate.empty() || certificate.find_first_not_of(' ') == std::string::npos ? std::string(gap.size(), ' ')
                                                                                                            : std::string(gap)) +
            padded(right);
        marks += std::string(gap.size(), ' ') + std::string(size, agrees ? ' ' : '^');
    }
    const std::size_t room = width - label_width - 2;
    if (problem.labels.empty() || columns(asked) > room || columns(certificate) > room) return "";
    const auto line = [](std::string_view label, std::string text) {
        text.erase(text.find_last_not_of(' ') + 1);
        return fmt::format("  {:<{}}{}\n", label, label_width, text);
    };
    return "\n" + line("asked for", asked) + line("in the certificate", certificate) + line("", marks);
}

std::string fixes(const Problem& problem) {
    std::string result;
    std::size_t number = 0;
    for (const auto& fix : problem.fixes) {
        result += filled(fmt::format("  {}. {}: ", ++number, diagnosis::for_whom(fix.actor)), for_terminal(fix.text, 1200), 5);
        if (!fix.command.empty()) result += broken_command(for_terminal(fix.command, 2000), 7);
    }
    return result;
}

std::string other_problems(const Diagnosis& diagnosis) {
    std::string result;
    for (std::size_t i = 1; i < diagnosis.problems.size() && i < 20; ++i) {
        const Problem& problem = diagnosis.problems[i];
        result += filled(fmt::format("  {:<8}", name(problem.severity)),
                         fmt::format("{} [{}]", safe(diagnosis::headline(problem.title)), problem.code), 10);
        for (const auto& fix : problem.fixes) {
            result += filled("          ", fmt::format("{}: {}", diagnosis::for_whom(fix.actor), for_terminal(fix.text, 1200)), 10);
            if (!fix.command.empty()) result += broken_command(for_terminal(fix.command, 2000), 12);
            break;
        }
    }
    return result;
}

std::string steps(const Diagnosis& diagnosis) {
    std::string result;
    for (const auto& step : diagnosis.steps) {
        std::string text = safe(step.summary);
        const bool telling = step.status == certs::Status::fail || step.status == certs::Status::warn;
        if (telling && !step.reference.empty()) text += fmt::format(" ({})", step.reference);
        result += filled(fmt::format("  {:<5} {:<20}", diagnosis::status_word(step.status), step.step), text, 28);
    }
    return result;
}

std::string certificates(const Diagnosis& diagnosis) {
    std::string result;
    for (std::size_t depth = 0; depth < diagnosis.chain.size() && depth < 20; ++depth) {
        if (depth > 0) result += "\n";
        result +=
            fmt::format("  {} {}\n", depth, diagnosis::role(diagnosis, depth)) + rows(diagnosis::certificate_rows(diagnosis.chain[depth]));
    }
    return result;
}

std::string generic(int status) {
    return status == 400   ? "400 Bad Request\n"
           : status == 504 ? "504 Gateway Timeout\n"
                           : fmt::format("{} {}\n", status, status == 502 ? "Bad Gateway" : "");
}

std::string head(const Diagnosis& diagnosis) {
    std::string result = filled("", for_terminal(diagnosis::headline(diagnosis.title), 480), 0);
    if (diagnosis.code.empty()) return result;
    const std::string_view step = diagnosis::failed_step(diagnosis);
    return result + filled("",
                           fmt::format("{}, {}{}", diagnosis.code, safe(diagnosis::place(diagnosis)),
                                       step.empty() ? "" : fmt::format(" (step {})", step)),
                           0);
}

}  // namespace

std::string text(const Diagnosis& diagnosis, Detail detail) {
    if (detail == Detail::off) return generic(diagnosis.status);
    std::string result = head(diagnosis);
    const std::string sent = diagnosis::sent_statement(diagnosis);
    if (detail == Detail::brief) return sent.empty() ? result : result + sent + "\n";
    if (!diagnosis.detail.empty()) result += "\n" + filled("", for_terminal(diagnosis.detail, 2000), 0);
    if (!sent.empty()) result += (diagnosis.detail.empty() ? "\n" : "") + sent + "\n";
    if (!diagnosis.problems.empty()) {
        const Problem& first = diagnosis.problems.front();
        if (first.proof == diagnosis::Proof::likely) result += "This cause is likely, not proven.\n";
        result += section("Evidence") + rows(first.evidence) + label_comparison(first);
        if (!first.fixes.empty()) result += section("What to do") + fixes(first);
    }
    if (diagnosis.problems.size() > 1) result += section("Also found") + other_problems(diagnosis);
    if (!diagnosis.steps.empty()) result += section("Steps") + steps(diagnosis);
    if (!diagnosis.chain.empty()) result += section("Certificates") + certificates(diagnosis);
    return result + section("Connection") + rows(diagnosis::connection_rows(diagnosis));
}

}  // namespace inspect::report
