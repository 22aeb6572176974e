#include "inspect/report/redaction.h"

#include <algorithm>

#include "inspect/http/message.h"

namespace inspect::report {

namespace {

constexpr std::string_view mask = "***";

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// application/x-www-form-urlencoded, as servers decode names.
std::string decoded(std::string_view name) {
    std::string result;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool escape = name[i] == '%' && i + 2 < name.size() && hex(name[i + 1]) >= 0 && hex(name[i + 2]) >= 0;
        result += escape ? static_cast<char>(hex(name[i + 1]) * 16 + hex(name[i + 2])) : name[i] == '+' ? ' ' : name[i];
        if (escape) i += 2;
    }
    return result;
}

bool is_secret(std::string_view name, const std::vector<std::string>& names) {
    const std::string plain = decoded(name);
    return std::ranges::any_of(names, [&](const std::string& secret) { return http::same_name(plain, secret); });
}

bool is_graphic(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// user:password@ before each host. The form of CONNECT and of a target that nobody can read has no scheme before it.
std::string without_users(std::string_view word) {
    std::string result;
    for (bool authority = !word.starts_with('/'); !word.empty(); authority = true) {
        const std::string_view host = authority ? word.substr(0, word.find_first_of("/?#&")) : "";
        if (const auto at = host.rfind('@'); at != std::string_view::npos && is_graphic(host)) {
            result += mask;
            word.remove_prefix(at);
        }
        const auto scheme = word.find("://");
        const auto next = scheme == std::string_view::npos ? word.size() : scheme + 3;
        result += word.substr(0, next);
        word.remove_prefix(next);
    }
    return result;
}

// A value ends at '&' alone: what else may stand in one differs from server to server.
std::string without_values(std::string_view word, const std::vector<std::string>& names) {
    std::string result;
    while (!word.empty()) {
        const auto begin = word.find_first_of("?&;#");
        if (begin == std::string_view::npos) break;
        result += word.substr(0, begin + 1);
        word.remove_prefix(begin + 1);
        const std::string_view name = word.substr(0, word.find_first_of("=?&;#"));
        if (name.size() == word.size() || word[name.size()] != '=' || !is_secret(name, names)) continue;
        result += name;
        result += '=';
        result += mask;
        word.remove_prefix(std::min(word.find('&'), word.size()));
    }
    return result.append(word);
}

}  // namespace

std::string redacted(std::string_view text, const std::vector<std::string>& names) {
    std::string result;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
        result += without_values(without_users(word), names);
        text.remove_prefix(word.size());
        const auto gap = std::min(text.find_first_not_of(" \t\r\n"), text.size());
        result += text.substr(0, gap);
        text.remove_prefix(gap);
    }
    return result;
}

}  // namespace inspect::report
