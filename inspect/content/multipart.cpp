#include "inspect/content/multipart.h"

#include <algorithm>
#include <string>

namespace inspect::content {

namespace {

struct Delimiter {
    std::size_t begin = std::string_view::npos;  // its line end included, which belongs to it
    std::size_t end = 0;                         // of its line
    bool last = false;
};

// The next line at or after `from`, which is the beginning of a line or follows content, that
// consists of the boundary.
Delimiter find_delimiter(std::string_view text, std::size_t from, const std::string& dashed) {
    for (std::size_t at = text.find(dashed, from); at != std::string_view::npos; at = text.find(dashed, at + 1)) {
        if (at > 0 && text[at - 1] != '\n') continue;
        Delimiter found;
        std::size_t after = at + dashed.size();
        found.last = text.substr(after).starts_with("--");
        after += found.last ? 2 : 0;
        // RFC 2046 §5.1.1: blanks may follow it.
        const std::size_t stop = std::min(text.find_first_not_of(" \t", after), text.size());
        const bool line_end = stop == text.size() || text[stop] == '\n' || text.substr(stop).starts_with("\r\n");
        if (!line_end && !found.last) continue;
        found.begin = at > from ? at - 1 : at;
        if (found.begin > from && found.begin < at && text[found.begin - 1] == '\r') --found.begin;
        found.end = std::min(text.find('\n', stop), text.size() - 1) + 1;
        return found;
    }
    return {};
}

// Reads the head; where the content begins. npos when there is no end of the head.
std::size_t read_head(std::string_view text, std::size_t at, http::Fields& head) {
    constexpr std::size_t most_fields = 100;
    const std::size_t begin = at;
    for (;;) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos || end - begin > longest_part_head) return std::string_view::npos;
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = end + 1;
        if (line.empty()) return at;
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && head.size() < most_fields)
            head.add(certs::trimmed(line.substr(0, colon)), line.substr(colon + 1));
    }
}

}  // namespace

Multipart split_multipart(certs::Bytes body, std::string_view boundary) {
    Multipart split;
    if (boundary.empty() || boundary.size() > longest_boundary || boundary.contains('\n')) {
        split.end = End::malformed;
        return split;
    }
    const std::string_view text = certs::as_text(body);
    const std::string dashed = "--" + std::string(boundary);
    Delimiter delimiter = find_delimiter(text, 0, dashed);
    while (delimiter.begin != std::string_view::npos && !delimiter.last) {
        if (split.parts.size() == most_parts) {
            split.end = End::bounded;
            return split;
        }
        const std::size_t from = delimiter.end;
        delimiter = find_delimiter(text, from, dashed);
        const bool cut = delimiter.begin == std::string_view::npos;
        const std::string_view whole = text.substr(0, cut ? text.size() : delimiter.begin);
        Part part = {.head = {}, .content = {}, .cut = cut};
        // A head needs no content: then its last line may be without an end.
        const std::string_view with_end = text.substr(0, cut ? text.size() : delimiter.end);
        const std::size_t content = read_head(with_end, from, part.head);
        if (content == std::string_view::npos) {
            split.end = with_end.size() - from > longest_part_head ? End::bounded : End::cut;
            if (!cut || part.head.size() > 0) split.parts.push_back(std::move(part));
            return split;
        }
        if (content < whole.size()) part.content = body.subspan(content, whole.size() - content);
        split.parts.push_back(std::move(part));
    }
    if (delimiter.begin == std::string_view::npos) split.end = End::cut;
    return split;
}

}  // namespace inspect::content
