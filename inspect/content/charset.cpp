#include "inspect/content/charset.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "inspect/content/utf8.h"

namespace inspect::content {

namespace {

constexpr char32_t replacement = 0xfffd;

// 0x80 to 0x9f (https://encoding.spec.whatwg.org/index-windows-1252.txt).
constexpr std::array<char16_t, 32> windows_1252 = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                                   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

void append(std::string& text, char32_t point) {
    const auto add = [&](char32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) return add(point);
    if (point < 0x800) {
        add(0xc0 | point >> 6);
    } else if (point < 0x10000) {
        add(0xe0 | point >> 12);
        add(0x80 | (point >> 6 & 0x3f));
    } else {
        add(0xf0 | point >> 18);
        add(0x80 | (point >> 12 & 0x3f));
        add(0x80 | (point >> 6 & 0x3f));
    }
    add(0x80 | (point & 0x3f));
}

CharsetText from_single_bytes(std::string_view bytes) {
    CharsetText result;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        append(result.text, byte >= 0x80 && byte < 0xa0 ? windows_1252.at(byte - 0x80U) : byte);
    }
    return result;
}

CharsetText from_utf16(std::string_view bytes, bool big, bool cut) {
    CharsetText result;
    const auto unit = [&](std::size_t at) {
        const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<char32_t>(big ? first << 8 | second : second << 8 | first);
    };
    const auto replace = [&] {
        append(result.text, replacement);
        result.replaced = true;
    };
    std::size_t at = 0;
    while (at + 1 < bytes.size()) {
        const char32_t first = unit(at);
        at += 2;
        if (first < 0xd800 || first > 0xdfff) {
            append(result.text, first);
            continue;
        }
        if (first < 0xdc00 && at + 1 >= bytes.size() && cut) return result;
        const char32_t second = first < 0xdc00 && at + 1 < bytes.size() ? unit(at) : 0;
        if (second < 0xdc00 || second > 0xdfff) {
            replace();
            continue;
        }
        append(result.text, 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        at += 2;
    }
    if (at < bytes.size() && !cut) replace();
    return result;
}

std::size_t size_of_character(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

CharsetText from_utf8(std::string_view bytes, bool cut) {
    if (is_utf8(bytes)) return {.text = std::string(bytes)};
    CharsetText result;
    while (!bytes.empty()) {
        const std::string_view character = bytes.substr(0, size_of_character(bytes[0]));
        if (is_utf8(character)) {
            result.text += character;
            bytes.remove_prefix(character.size());
            continue;
        }
        if (cut && character.size() == bytes.size() && is_utf8(character, true)) return result;
        append(result.text, replacement);
        result.replaced = true;
        bytes.remove_prefix(1);
    }
    return result;
}

bool same(std::string_view a, std::string_view in_lower_case) {
    return std::ranges::equal(a, in_lower_case,
                              [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

bool is_one_of(std::string_view charset, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view each) { return same(charset, each); });
}

}  // namespace

CharsetText to_utf8(std::string_view bytes, std::string_view charset, bool cut) {
    if (is_one_of(charset, {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "windows-1252",
                            "cp1252", "cp-1252"}))
        return from_single_bytes(bytes);
    if (is_one_of(charset, {"utf-16", "utf-16le", "utf-16be", "utf16"})) {
        const bool little_mark = bytes.starts_with("\xff\xfe"), big_mark = bytes.starts_with("\xfe\xff");
        if (little_mark || big_mark) bytes.remove_prefix(2);
        return from_utf16(bytes, big_mark || (!little_mark && same(charset, "utf-16be")), cut);
    }
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    return from_utf8(bytes, cut);
}

std::string_view guessed_charset(std::string_view bytes, bool cut) {
    return is_utf8(bytes, cut) ? "utf-8" : "windows-1252";
}

std::string as_utf8(std::string_view bytes) { return to_utf8(bytes, guessed_charset(bytes)).text; }

}  // namespace inspect::content
