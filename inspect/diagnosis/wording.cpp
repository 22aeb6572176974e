#include "inspect/diagnosis/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace inspect::diagnosis {

namespace {

// A continuation byte after a lead byte belongs to the character before it; a stray one is a
// character of its own.
std::size_t character_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    std::size_t size = 1;
    while (size < wanted && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    return size;
}

// The value of the last attribute of that type in an RFC 4514 string; escapes are undone, except
// hexadecimal pairs.
std::string attribute(std::string_view name, std::string_view type) {
    std::string found;
    bool has = false;
    std::size_t at = 0;
    while (at < name.size()) {
        std::string value;
        const std::size_t begin = at;
        for (; at < name.size() && name[at] != ',' && name[at] != '+'; ++at) {
            if (name[at] == '\\' && at + 1 < name.size()) ++at;
            value += name[at];
        }
        ++at;
        // RFC 4514 puts the most specific first, so the first match is the certificate's last CN.
        if (!has && name.substr(begin).starts_with(type) && value.size() > type.size() && value[type.size()] == '=') {
            found = value.substr(type.size() + 1);
            has = true;
        }
        while (at < name.size() && name[at] == ' ') ++at;
    }
    return found;
}

}  // namespace

std::string shorten(std::string_view text, std::size_t characters) {
    std::size_t at = 0, count = 0, cut = 0;
    while (at < text.size()) {
        if (count + 1 == characters) cut = at;
        if (count == characters) return std::string(text.substr(0, cut)) + "…";
        at += character_size(text.substr(at));
        ++count;
    }
    return std::string(text);
}

std::string headline(std::string_view title) {
    std::string text(title);
    constexpr std::array<std::string_view, 9> openings = {"the ",   "a ",           "no ",        "of the ", "this ",
                                                          "among ", "certificate ", "something ", "unknown "};
    if (std::ranges::any_of(openings, [&](std::string_view opening) { return title.starts_with(opening); }))
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

std::string quoted(std::string_view text, std::size_t characters) { return "\"" + shorten(text, characters) + "\""; }

std::string listed(const std::vector<std::string>& items, std::size_t most, std::size_t total) {
    total = std::max(total, items.size());
    const std::size_t shown = std::min(most, items.size());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) text += i + 1 == total ? " and " : ", ";
        text += items[i];
    }
    if (total > shown) text += fmt::format(" and {} more", total - shown);
    return text;
}

std::string counted(std::size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string span_of_time(std::int64_t seconds) {
    const std::uint64_t span =
        seconds < 0 ? 0 - static_cast<std::uint64_t>(seconds) : static_cast<std::uint64_t>(seconds);
    struct Unit {
        std::uint64_t size;
        std::string_view name;
    };
    constexpr std::array units = {Unit{86'400 * 365, "year"}, Unit{86'400, "day"}, Unit{3'600, "hour"},
                                  Unit{60, "minute"}};
    // Two of a unit say more than one of the next larger: "23 months" is read as days, "1 day"
    // hides 47 hours.
    for (const auto& unit : units)
        if (span >= 2 * unit.size) return counted(span / unit.size, unit.name);
    return counted(span, "second");
}

std::string milliseconds_text(double milliseconds) {
    return milliseconds < 1000 ? fmt::format("{:.3g} ms", milliseconds) : fmt::format("{:.0f} ms", milliseconds);
}

std::string seconds_text(double seconds) { return fmt::format("{:.3g} s", seconds); }

std::string endpoint(std::string_view host, std::uint16_t port) {
    const bool brackets = host.contains(':');
    std::string made(brackets ? "[" : "");
    made += host;
    made += brackets ? "]:" : ":";
    made += std::to_string(port);
    return made;
}

std::string url_of(std::string_view host, std::uint16_t port, bool tls) {
    const std::string authority = endpoint(host, port);
    const bool usual = port == (tls ? 443 : 80);
    const std::string suffix = fmt::format(":{}", port);
    return fmt::format("{}://{}/", tls ? "https" : "http",
                       usual ? authority.substr(0, authority.size() - suffix.size()) : authority);
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-@%+=,";
    if (!text.empty() && text.find_first_not_of(harmless) == std::string_view::npos) return std::string(text);
    std::string word = "'";
    for (const char c : text.substr(0, 1024)) {
        if (c == '\'')
            word += "'\\''";
        else
            word += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
    return word + "'";
}

std::string short_name(std::string_view distinguished_name) {
    distinguished_name = distinguished_name.substr(0, 4096);
    for (const std::string_view type : {"CN", "O", "OU"})
        if (auto value = attribute(distinguished_name, type); !value.empty()) return value;
    return std::string(distinguished_name);
}

std::string file_name(std::string_view path) { return path == "-" ? "the standard input" : std::string(path); }

bool is_address(std::string_view host) {
    if (host.find(':') != std::string_view::npos) return true;
    return !host.empty() && std::ranges::count(host, '.') == 3 &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool mentions(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return !std::ranges::search(text, part, [&](char a, char b) { return lower(a) == lower(b); }).empty();
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    for (std::size_t at = 0;;) {
        const auto next = text.find(from, at);
        result += text.substr(at, next - at);
        if (next == std::string_view::npos) return result;
        result += to;
        at = next + from.size();
    }
}

}  // namespace inspect::diagnosis
