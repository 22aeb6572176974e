#include "inspect/gateway/near_gateway.h"

#include <algorithm>
#include <array>

#include "inspect/gateway/mapping.h"

namespace inspect::http {

namespace {

constexpr std::size_t longest = 4096;  // a longer target is not examined

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
    return std::nullopt;
}

// RFC 3986 §2.1; a "%" without two hexadecimal digits stays as it is.
std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        result += low ? static_cast<char>(*high * 16 + *low) : text[i];
        if (low) i += 2;
    }
    return result;
}

std::optional<std::string> gateway_path(std::string_view url) {
    const auto target = parse_gateway("/" + std::string(url));
    return target ? std::optional("/" + origin_of(*target) + target->path_and_query) : std::nullopt;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether the first segment looks like a server's name rather than a file's; the two may look
// alike.
bool resembles_host(std::string_view segment, bool more_follows) {
    constexpr std::array files{"ico",  "txt", "html", "htm", "js",  "css", "png", "svg",
                               "json", "xml", "map",  "php", "pem", "der", "pac", "webmanifest"};
    const std::string_view host = segment.substr(0, segment.find(':'));
    const bool has_port = host.size() < segment.size() && is_number(segment.substr(host.size() + 1));
    if (host.size() < segment.size() && !has_port) return false;
    if (host == "localhost" || has_port) return !host.empty();
    const auto dot = host.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == host.size()) return false;
    return more_follows || std::ranges::find(files, host.substr(dot + 1)) == files.end();
}

// On this machine, and on ports other than https's own, servers mostly speak plain HTTP.
std::string_view likely_scheme(std::string_view segment) {
    const bool local = segment.starts_with("localhost") || segment.starts_with("127.");
    const bool other_port = segment.contains(':') && !segment.ends_with("443");
    return local || other_port ? "http://" : "https://";
}

}  // namespace

std::optional<std::string> near_gateway(std::string_view target) {
    if (target.size() > longest || !target.starts_with('/')) return std::nullopt;
    std::string text(target.substr(
        target.find_first_not_of('/') == std::string_view::npos ? target.size() : target.find_first_not_of('/')));
    const std::string_view first = std::string_view(text).substr(0, text.find_first_of("/?"));
    if (first.contains('%')) {
        text = percent_decoded(text);
        if (names_gateway("/" + text)) return gateway_path(text);
    }
    for (const std::string_view scheme : {"https", "http"}) {
        if (!text.starts_with(scheme) || text.size() == scheme.size() || text[scheme.size()] != '/') continue;
        const auto rest = text.find_first_not_of('/', scheme.size());
        return rest == std::string::npos ? std::nullopt : gateway_path(std::string(scheme) + "://" + text.substr(rest));
    }
    const auto colon = text.find(":/");
    if (colon != std::string::npos && colon == text.find_first_of(":/?.")) {
        const auto rest = text.find_first_not_of('/', colon + 1);
        return rest == std::string::npos ? std::nullopt : gateway_path("https://" + text.substr(rest));
    }
    const std::string segment = text.substr(0, text.find_first_of("/?"));
    if (!resembles_host(segment, segment.size() < text.size())) return std::nullopt;
    return gateway_path(std::string(likely_scheme(segment)) + text);
}

}  // namespace inspect::http
