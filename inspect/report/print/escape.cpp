#include "inspect/report/print/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace inspect::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026

struct Decoded {
    std::size_t size = 1;  // bytes taken
    std::uint32_t code_point = 0;
    bool valid = false;
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {1, lead, true};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    std::uint32_t code_point = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code_point = code_point << 6 | (byte(i) & 0x3F);
    }
    constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    if (code_point < least[size] || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) return {};
    return {size, code_point, true};
}

struct Range {
    std::uint32_t first, last;
};

// What a reader does not see, but what affects a screen, a terminal or a comparison by eye.
constexpr auto hidden = std::to_array<Range>({
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0xAD, 0xAD},      // soft hyphen
    {0x061C, 0x061C},  // Arabic letter mark
    {0x180E, 0x180E},
    {0x200B, 0x200F},  // zero width characters and directional marks
    {0x2028, 0x202E},  // line and paragraph separator, bidirectional embeddings and overrides
    {0x2060, 0x206F},  // word joiner, bidirectional isolates
    {0xFDD0, 0xFDEF},  // noncharacters
    {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},
    {0xE0000, 0xE0FFF},  // tags, variation selectors
});

bool is_hidden(std::uint32_t code_point) {
    return (code_point & 0xFFFE) == 0xFFFE || std::ranges::any_of(hidden, [&](Range range) {
               return code_point >= range.first && code_point <= range.last;
           });
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
    std::string result;
    std::size_t cut = 0;  // the longest prefix that leaves room for the ellipsis
    while (!text.empty()) {
        const Decoded next = decode(text);
        const std::string_view piece =
            next.valid && !is_hidden(next.code_point) ? text.substr(0, next.size) : replacement;
        if (result.size() + piece.size() > limit) {
            result.resize(cut);
            return limit < ellipsis.size() ? result : result.append(ellipsis);
        }
        result += piece;
        if (result.size() + ellipsis.size() <= limit) cut = result.size();
        text.remove_prefix(next.size);
    }
    return result;
}

std::string for_html(std::string_view text, std::size_t limit) {
    std::string result;
    for (const char c : printable(text, limit)) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += c;
        }
    }
    return result;
}

std::string for_terminal(std::string_view text, std::size_t limit) { return printable(text, limit); }

std::string with_escapes(std::string_view json) {
    std::string result;
    while (!json.empty()) {
        const Decoded next = decode(json);
        const std::uint32_t c = next.code_point;
        if (!next.valid || !is_hidden(c))
            result += next.valid ? json.substr(0, next.size) : replacement;
        else if (c < 0x10000)
            result += fmt::format("\\u{:04x}", c);
        else
            // RFC 8259 §7.
            result += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
        json.remove_prefix(next.size);
    }
    return result;
}

std::string for_header(std::string_view text, std::size_t limit) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (result.size() == limit) {
            constexpr std::string_view dots = "...";
            if (limit >= dots.size()) result.replace(limit - dots.size(), dots.size(), dots);
            return result;
        }
        const Decoded next = decode(text.substr(at));
        const char c = text[at];
        result += next.size == 1 && c >= 0x20 && c < 0x7F && c != '"' && c != '\\' ? c : '?';
        at += next.size;
    }
    return result;
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace inspect::report
