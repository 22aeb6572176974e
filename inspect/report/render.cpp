#include "inspect/report/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "certs/bytes.h"
#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

std::string_view next_part(std::string_view& rest, char separator) {
    const auto at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return certs::trimmed(part);
}

// RFC 9110 §12.4.2, in thousandths; an invalid weight counts as none given.
int weight_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string parameter = lower_case(next_part(parameters, ';'));
        if (!parameter.starts_with("q=")) continue;
        const std::string_view digits = std::string_view(parameter).substr(2);
        if (digits.empty() || (digits.front() != '0' && digits.front() != '1')) continue;
        if (digits.front() == '1') return 1000;
        int weight = 0, unit = 100;
        for (std::size_t i = 2; i < digits.size() && unit > 0; ++i, unit /= 10)
            if (digits[i] >= '0' && digits[i] <= '9') weight += (digits[i] - '0') * unit;
        return weight;
    }
    return 1000;
}

std::optional<Format> format_of(std::string_view type) {
    if (type == "text/html" || type == "application/xhtml+xml") return Format::html;
    if (type == "application/problem+json" || type == "application/json" || type == "text/json" ||
        type.ends_with("+json"))
        return Format::problem_json;
    if (type == "text/plain" || type == "text/*" || type == "*/*") return Format::text;
    if (type == "application/*") return Format::problem_json;
    return std::nullopt;
}

// "*/*" says that any type will do, so a type named with the same weight is preferred to it.
int specificity(std::string_view type) { return type == "*/*" ? 0 : type.ends_with("/*") ? 1 : 2; }

// The place that the title is about, then the title; the place is not named twice.
std::string placed_title(const diagnosis::Diagnosis& diagnosis) {
    const std::string& title = diagnosis.title;
    if (diagnosis.leg == diagnosis::Leg::client)
        return (diagnosis.client.empty() ? "a client" : "client " + diagnosis::shorten(diagnosis.client, 60)) + ": " +
               title;
    if (diagnosis.verified_file) return diagnosis::file_name(diagnosis.verified_file->name) + ": " + title;
    const std::string where = diagnosis::endpoint(diagnosis.host, diagnosis.port);
    if (title.find(where) != std::string::npos) return title;
    if (!diagnosis.host.empty() && title.starts_with(diagnosis.host + " "))
        return where + title.substr(diagnosis.host.size());
    return diagnosis::shorten(where, 120) + ": " + title;
}

// What this one line has to say, because no page follows it.
std::string next_step(const diagnosis::Diagnosis& diagnosis) {
    if (diagnosis.let_through && diagnosis.phase == diagnosis::Phase::verify) return "; let through by --insecure";
    return diagnosis.next_step.empty() ? "" : "; " + for_terminal(diagnosis.next_step, 600);
}

}  // namespace

Format negotiate(std::string_view accept) {
    Format best = Format::text;
    int best_weight = 0, best_specificity = -1;
    for (int ranges = 0; !accept.empty() && ranges < 64; ++ranges) {
        std::string_view range = next_part(accept, ',');
        const std::string type = lower_case(next_part(range, ';'));
        const auto format = format_of(type);
        const int weight = weight_of(range);
        if (!format || weight == 0) continue;
        if (weight < best_weight || (weight == best_weight && specificity(type) <= best_specificity)) continue;
        best = *format;
        best_weight = weight;
        best_specificity = specificity(type);
    }
    return best;
}

std::string_view media_type(Format format) {
    switch (format) {
        case Format::text: return "text/plain; charset=utf-8";
        case Format::html: return "text/html; charset=utf-8";
        case Format::problem_json: return "application/problem+json; charset=utf-8";
    }
    return "text/plain; charset=utf-8";
}

std::string reason(const diagnosis::Diagnosis& diagnosis, Detail detail) {
    if (detail == Detail::off || diagnosis.code == diagnosis::Code::none)
        return std::string(http::reason_phrase(diagnosis.status));
    constexpr std::size_t longest = 120;
    const std::string title = detail == Detail::brief ? diagnosis::class_title(diagnosis.code) : diagnosis.title;
    // The quotes and the ellipsis of titles, in ASCII.
    const std::string plain = diagnosis::replaced(diagnosis::replaced(title, "\"", "'"), "…", "...");
    return for_header(fmt::format("{}: {}", name(diagnosis.code), plain), longest);
}

std::string proxy_status(const diagnosis::Diagnosis& diagnosis) {
    if (diagnosis.code == diagnosis::Code::none) return "whytls";
    return fmt::format("whytls; error={}; details=\"{}\"",
                       diagnosis.proxy_status_error.empty() ? "proxy_internal_error" : diagnosis.proxy_status_error,
                       for_header(name(diagnosis.code), 64));
}

std::string sentence(const diagnosis::Diagnosis& diagnosis) {
    return for_terminal(placed_title(diagnosis), 600) + next_step(diagnosis) +
           (diagnosis.code == diagnosis::Code::none ? "" : fmt::format(" [{}]", name(diagnosis.code)));
}

}  // namespace inspect::report
