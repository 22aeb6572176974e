#include "proxy/command/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "proxy/settings/settings.h"

namespace proxy {

std::uint16_t parse_port(std::string_view text, std::string_view option, std::string_view whole) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port > 65'535) {
        throw UsageError(fmt::format("{} {}: '{}' is not a port (0 to 65535)", option, whole, text));
    }
    return static_cast<std::uint16_t>(port);
}

std::string_view take_host(std::string_view& text) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        end = end == std::string_view::npos ? text.size() : end + 1;
    } else {
        end = std::min(text.find(':'), text.size());
    }
    const std::string_view host = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return host;
}

std::string_view bare_host(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

HostPattern parse_pattern(std::string_view text, std::string_view option) {
    const std::size_t colon = text.rfind(':');
    const bool with_port = colon != std::string_view::npos && colon > 0 && text.find(':') == colon &&
                           colon + 1 < text.size() &&
                           text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    if (with_port)
        throw UsageError(
            fmt::format("{0} {1}: a pattern has no port; did you mean {0} {2}?", option, text, text.substr(0, colon)));
    try {
        return HostPattern(text);
    } catch (const UsageError&) {
        throw UsageError(fmt::format("{} takes a host name, an address, *.example.com or *, not '{}'", option, text));
    }
}

bool parse_switch(const std::string& text, std::string_view option) {
    if (text != "on" && text != "off") throw UsageError(fmt::format("{} takes on or off, not '{}'", option, text));
    return text == "on";
}

std::uint64_t parse_size(std::string_view text, std::string_view option) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    const std::string_view unit(end, text.data() + text.size());
    const int shift = unit.empty()                 ? 0
                      : unit == "K" || unit == "k" ? 10
                      : unit == "M" || unit == "m" ? 20
                      : unit == "G" || unit == "g" ? 30
                                                   : -1;
    if (error != std::errc{} || shift < 0 || size > (std::uint64_t{1} << 62) >> shift)
        throw UsageError(
            fmt::format("{} takes bytes, with K, M or G after them, for example 100M, not '{}'", option, text));
    return size << shift;
}

double positive_seconds(double seconds, std::string_view option) {
    constexpr double most = 86'400 * 365.0;
    if (!(seconds > 0 && seconds <= most)) throw UsageError(fmt::format("{} takes seconds, more than 0", option));
    return seconds;
}

certs::Time parse_at(const std::string& text) {
    const auto time = certs::parse_rfc3339(text);
    if (!time)
        throw UsageError(
            fmt::format("--at takes an RFC 3339 time, for example 2026-11-20T12:00:00Z, or a date, not '{}'", text));
    return *time;
}

}  // namespace proxy
