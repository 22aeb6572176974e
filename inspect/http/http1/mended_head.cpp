#include "inspect/http/http1/mended_head.h"

#include <algorithm>

#include "inspect/http/http1/framing.h"
#include "inspect/http/http1/section.h"

namespace inspect::http {

namespace {

constexpr std::string_view line_end = "\r\n";

bool is_field(std::string_view line, std::string_view name) {
    const std::size_t colon = line.find(':');
    return colon != std::string_view::npos && same_name(line.substr(0, colon), name);
}

std::string_view value_of(std::string_view line) { return line.substr(line.find(':') + 1); }

// What all Transfer-Encoding lines say together.
struct Codings {
    std::size_t lines = 0, chunked = 0, identity = 0;
    bool chunked_last = false, others = false;
};

Codings codings_of(std::string_view head) {
    Codings found;
    while (!head.empty()) {
        const std::string_view line = take_line(head);
        if (!is_field(line, "Transfer-Encoding")) continue;
        ++found.lines;
        std::string_view rest = value_of(line);
        const bool empty = rest.find_first_not_of(" \t") == std::string_view::npos;
        while (!rest.empty() && !empty) {
            found.others |= rest.ends_with(',');
            const std::string_view coding = take_member(rest);
            const bool chunked = same_name(coding, "chunked"), identity = same_name(coding, "identity");
            found.chunked += chunked ? 1 : 0;
            found.identity += identity ? 1 : 0;
            found.others |= !chunked && !identity;
            found.chunked_last = chunked;
        }
    }
    return found;
}

// The head without its Transfer-Encoding lines, or with one that says chunked in place of the
// first.
std::string with_coding(std::string_view head, bool chunked) {
    std::string result;
    while (!head.empty()) {
        std::string_view line = take_line(head);
        if (is_field(line, "Transfer-Encoding")) {
            if (!chunked) continue;
            line = "Transfer-Encoding: chunked";
            chunked = false;
        }
        result.append(line).append(line_end);
    }
    return result;
}

// identity is no coding (RFC 2616 §3.6.2): beside it, the other codings count, or the length. A
// body is chunked only once, even where the fields say so twice (RFC 9112 §6.1). Readers disagree
// only where chunked is not the last.
void mend_coding(MendedHead& head) {
    const Codings codings = codings_of(head.text);
    if (codings.lines == 0 || codings.others) return;
    const bool chunked = codings.chunked > 0;
    const bool plain = codings.lines == 1 && codings.chunked == 1 && codings.identity == 0;
    if (plain || (chunked && !codings.chunked_last)) return;
    head.text = with_coding(head.text, chunked);
    if (codings.chunked > 1) note(head.mends, Mend::repeated_chunked);
    if (codings.identity > 0 || !chunked) note(head.mends, Mend::identity_coding);
}

// nullopt unless Content-Length occurs more than once, on lines of its own or in a list, always
// with the same number (RFC 9110 §8.6).
std::optional<std::string> with_one_length(std::string_view head) {
    std::string result;
    std::string_view length;
    std::size_t times = 0;
    while (!head.empty()) {
        const std::string_view line = take_line(head);
        if (!is_field(line, "Content-Length")) {
            result.append(line).append(line_end);
            continue;
        }
        const std::string_view before = length;
        std::string_view rest = value_of(line);
        if (rest.ends_with(',')) return std::nullopt;
        do {
            const std::string_view each = take_member(rest);
            if (!parse_length(each) || (!length.empty() && each != length)) return std::nullopt;
            length = each;
            ++times;
        } while (!rest.empty());
        if (before.empty()) result.append("Content-Length: ").append(length).append(line_end);
    }
    return times > 1 ? std::optional(std::move(result)) : std::nullopt;
}

// nullopt unless there is a length beside chunks, which override it (RFC 9112 §6.3). In HTTP/1.0
// either is as likely.
std::optional<std::string> without_length(std::string_view head, Version version) {
    std::string result;
    std::size_t lengths = 0;
    bool sound = true;
    const Codings codings = codings_of(head);
    while (!head.empty()) {
        const std::string_view line = take_line(head);
        if (!is_field(line, "Content-Length")) {
            result.append(line).append(line_end);
            continue;
        }
        ++lengths;
        std::string_view rest = value_of(line);
        sound = sound && parse_length(take_member(rest)) && rest.empty();
    }
    return lengths == 1 && sound && codings.chunked_last && version.minor > 0 ? std::optional(std::move(result))
                                                                              : std::nullopt;
}

}  // namespace

bool has_odd_coding(const Fields& fields) {
    const std::size_t lines = fields.count("Transfer-Encoding");
    if (lines == 0) return false;
    const std::string_view value = *fields.find("Transfer-Encoding");
    return lines > 1 || !(value.size() == 7 && same_name(value, "chunked"));
}

std::optional<MendedHead> mended_head(std::string_view head, Version version) {
    MendedHead result{std::string(head), {}};
    mend_coding(result);
    if (auto one = with_one_length(result.text)) {
        result.text = *std::move(one);
        note(result.mends, Mend::repeated_length);
    }
    if (auto without = without_length(result.text, version)) {
        result.text = *std::move(without);
        note(result.mends, Mend::length_beside_chunked);
    }
    return result.mends.empty() ? std::nullopt : std::optional(std::move(result));
}

}  // namespace inspect::http
