// Request targets (RFC 9112 §3.2). Part of message.h.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "certs/bytes.h"
#include "inspect/http/message.h"

namespace inspect::http {

namespace {

// RFC 1035 §2.3.4 allows 255 bytes on the wire; an IPv6 literal is shorter.
constexpr std::size_t longest_host = 255;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return certs::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// Narrower than RFC 3986's reg-name: what DNS and certificates can mean. Percent-encoded hosts and
// zones are refused.
bool is_host_name(std::string_view host) {
    return std::ranges::all_of(
        host, [](char c) { return is_alpha(c) || certs::is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ipv6(std::string_view host) {
    return std::ranges::count(host, ':') >= 2 &&
           std::ranges::all_of(host, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || stop != digits.data() + digits.size() || port == 0 ||
        !std::ranges::all_of(digits, certs::is_digit))
        return std::nullopt;
    return port;
}

std::uint16_t default_port(std::string_view scheme) {
    if (scheme == "http") return 80;
    if (scheme == "https") return 443;
    return 0;
}

// RFC 6455 §3, §4.1: a WebSocket begins as a GET in HTTP; some clients ask their proxy for it under
// the WebSocket scheme.
std::string spoken(std::string scheme) {
    if (scheme == "ws") return "http";
    if (scheme == "wss") return "https";
    return scheme;
}

Target of_form(TargetForm form) {
    Target target;
    target.form = form;
    return target;
}

Target at_scheme(std::string_view scheme) {
    Target target = of_form(TargetForm::absolute);
    target.scheme = spoken(lower(scheme));
    target.port = default_port(target.scheme);
    return target;
}

// Splits host[:port] into the target; false when it is not one. The target's port is the default
// when the text has none.
bool take_authority(std::string_view authority, Target& target) {
    std::string_view host = authority, rest;
    if (authority.starts_with('[')) {
        const std::size_t bracket = authority.find(']');
        if (bracket == std::string_view::npos) return false;
        host = authority.substr(1, bracket - 1);
        rest = authority.substr(bracket + 1);
        if (!is_ipv6(host)) return false;
    } else {
        const std::size_t colon = authority.find(':');
        host = authority.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
        if (!is_host_name(host)) return false;
    }
    if (host.find_first_not_of('.') == std::string_view::npos || host.size() > longest_host) return false;
    target.host = lower(host);
    if (rest.empty()) return true;
    if (rest.front() != ':') return false;
    rest.remove_prefix(1);
    // RFC 3986 §3.2.3: "http://host:/" has the default port.
    if (rest.empty()) return target.port != 0;
    const auto port = parse_port(rest);
    if (!port) return false;
    target.port = *port;
    return true;
}

std::optional<Target> parse_absolute(std::string_view method, std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return std::nullopt;
    const std::string_view scheme = text.substr(0, colon);
    if (!std::ranges::all_of(
            scheme, [](char c) { return is_alpha(c) || certs::is_digit(c) || c == '+' || c == '-' || c == '.'; }))
        return std::nullopt;
    std::optional<Target> target = at_scheme(scheme);
    text.remove_prefix(colon + 3);
    const std::size_t path = std::min(text.find_first_of("/?"), text.size());
    if (!take_authority(text.substr(0, path), *target)) return std::nullopt;
    text.remove_prefix(path);
    if (text.empty())
        target->path_and_query = method == "OPTIONS" ? "*" : "/";
    else
        target->path_and_query = text.front() == '?' ? "/" + std::string(text) : std::string(text);
    return target;
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

// Bytes of the non-ASCII character at the front; 0 when there is none, or only a C1 control.
std::size_t wide_character(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0), second = byte_at(text, 1);
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const std::uint8_t least = lead == 0xe0 || lead == 0xc2 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return 0;
    for (std::size_t at = 2; at < size; ++at)
        if ((byte_at(text, at) & 0xc0) != 0x80) return 0;
    return size;
}

}  // namespace

bool is_target_text(std::string_view text) {
    while (!text.empty()) {
        const char c = text.front();
        const bool visible = c > 0x20 && c < 0x7f && c != '#';
        const std::size_t size = visible ? 1 : wide_character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::optional<Target> parse_target(std::string_view method, std::string_view target) {
    if (target.empty() || !is_target_text(target)) return std::nullopt;
    if (method == "CONNECT") {
        Target authority = of_form(TargetForm::authority);
        if (!take_authority(target, authority) || authority.port == 0) return std::nullopt;
        return authority;
    }
    if (target == "*") return method == "OPTIONS" ? std::optional(of_form(TargetForm::asterisk)) : std::nullopt;
    if (target.front() == '/') return of_form(TargetForm::origin);
    return parse_absolute(method, target);
}

std::optional<Target> parse_authority(std::string_view scheme, std::string_view authority) {
    std::optional<Target> target = at_scheme(scheme);
    if (!take_authority(authority, *target)) return std::nullopt;
    target->path_and_query = "/";
    return target;
}

std::string authority(const Target& target) {
    std::string text = target.host.contains(':') ? "[" + target.host + "]" : target.host;
    if (target.port != default_port(target.scheme)) text.append(":").append(std::to_string(target.port));
    return text;
}

}  // namespace inspect::http
