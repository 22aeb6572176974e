#include "inspect/report/print/redaction.h"

#include <algorithm>

#include "certs/bytes.h"
#include "inspect/http/message.h"
#include "inspect/http/percent.h"

namespace inspect::report {

namespace {

constexpr std::string_view mask = "***";

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr int most_layers = 4;  // of percent-encoding, one for each URL inside a URL

// Frameworks read "token[]", "user[token]" and "user.token" as a list, or a member, called token.
bool is_named(std::string_view name, const std::vector<std::string>& names) {
    const auto matches = [&](std::string_view part) {
        return std::ranges::any_of(
            names, [&](const std::string& secret) { return http::same_name(certs::trimmed(part), secret); });
    };
    if (matches(name)) return true;
    constexpr std::string_view joints = "[].";
    while (!name.empty()) {
        const std::size_t end = std::min(name.find_first_of(joints), name.size());
        if (matches(name.substr(0, end))) return true;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return false;
}

bool is_secret(std::string_view name, const std::vector<std::string>& names) {
    std::string plain(name);
    for (int layer = 0; layer < most_layers; ++layer) {
        plain = http::percent_decoded(plain);
        if (is_named(plain, names)) return true;
    }
    return false;
}

// How many bytes at the front stand for one of `wanted`: "?" one, "%3F" three, "%253f" five; 0 when
// they do not.
std::size_t stands_for(std::string_view text, std::string_view wanted) {
    if (text.empty()) return 0;
    if (wanted.contains(text.front())) return 1;
    if (text.front() != '%') return 0;
    std::size_t at = 1;
    while (text.substr(at).starts_with("25")) at += 2;
    if (at + 1 >= text.size() || hex(text[at]) < 0 || hex(text[at + 1]) < 0) return 0;
    return wanted.contains(static_cast<char>(hex(text[at]) * 16 + hex(text[at + 1]))) ? at + 2 : 0;
}

std::size_t find_standing_for(std::string_view text, std::string_view wanted) {
    std::size_t at = 0;
    while (at < text.size() && stands_for(text.substr(at), wanted) == 0) ++at;
    return at;
}

bool is_graphic(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
}

// user:password@ before each host. The form of CONNECT, and a target that no one can read, have no
// scheme before it.
std::string without_users(std::string_view word) {
    std::string result;
    for (bool authority = !word.starts_with('/'); !word.empty(); authority = true) {
        const std::string_view host = authority ? word.substr(0, word.find_first_of("/?#&")) : "";
        if (const auto at = host.rfind('@'); at != std::string_view::npos && is_graphic(host)) {
            result += mask;
            word.remove_prefix(at);
        }
        const auto scheme = word.find(":/");  // the gateway path may have only one slash
        const auto next = scheme == std::string_view::npos
                              ? word.size()
                              : std::min(word.find_first_not_of('/', scheme + 1), word.size());
        result += word.substr(0, next);
        word.remove_prefix(next);
    }
    return result;
}

// user:password@ of a URL inside another, its characters percent-encoded.
std::string without_encoded_users(std::string_view word) {
    if (!word.contains('%')) return std::string(word);
    std::string result;
    while (!word.empty()) {
        std::size_t at = 0, slashes = 0;  // what stands for "://"
        while (at < word.size() && slashes == 0) {
            const std::size_t colon = stands_for(word.substr(at), ":");
            const std::size_t first = colon == 0 ? 0 : stands_for(word.substr(at + colon), "/");
            const std::size_t second = first == 0 ? 0 : stands_for(word.substr(at + colon + first), "/");
            slashes = second == 0 ? 0 : colon + first + second;
            at += slashes == 0 ? 1 : slashes;
        }
        result += word.substr(0, at);
        word.remove_prefix(at);
        const std::string_view host = word.substr(0, find_standing_for(word, "/?#&"));
        std::size_t user = 0;  // up to the last that stands for '@'
        for (std::size_t next = find_standing_for(host, "@"); next < host.size();
             next += 1 + find_standing_for(host.substr(next + 1), "@"))
            user = next;
        if (user > 0 && is_graphic(host.substr(0, user))) {
            result += mask;
            word.remove_prefix(user);
        }
    }
    return result;
}

// A value ends only at '&': what else may occur in a value differs from server to server.
std::string without_values(std::string_view word, const std::vector<std::string>& names) {
    std::string result;
    while (!word.empty()) {
        const auto begin = find_standing_for(word, "?&;#");
        const auto name_at = begin + stands_for(word.substr(begin), "?&;#");
        result += word.substr(0, name_at);
        word.remove_prefix(name_at);
        const std::string_view name = word.substr(0, find_standing_for(word, "=?&;#"));
        const auto equals = stands_for(word.substr(name.size()), "=");
        if (equals == 0 || !is_secret(name, names)) continue;
        result += word.substr(0, name.size() + equals);
        result += mask;
        word.remove_prefix(std::min(word.find('&'), word.size()));
    }
    return result;
}

}  // namespace

std::string redacted(std::string_view text, const std::vector<std::string>& names) {
    std::string result;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
        result += without_values(without_encoded_users(without_users(word)), names);
        text.remove_prefix(word.size());
        const auto gap = std::min(text.find_first_not_of(" \t\r\n"), text.size());
        result += text.substr(0, gap);
        text.remove_prefix(gap);
    }
    return result;
}

std::string without_passwords(std::string_view text) {
    std::string result;
    for (std::string_view word; !text.empty(); text.remove_prefix(word.size())) {
        word = text.substr(0, text.find(' ', 1));
        const auto at = word.rfind('@'), scheme = word.find("://");
        const auto begin =
            scheme != std::string_view::npos ? scheme + 3 : std::min(word.find_first_not_of(" '\"("), word.size());
        const bool secret = at != std::string_view::npos && begin < at &&
                            (scheme != std::string_view::npos || word.substr(begin, at - begin).contains(':'));
        result += word.substr(0, secret ? begin : word.size());
        if (secret) result.append(mask).append(word.substr(at));
    }
    return result;
}

}  // namespace inspect::report
