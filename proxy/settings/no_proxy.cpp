#include "proxy/settings/no_proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "inspect/http/message.h"

namespace proxy {

namespace {

struct Bytes {
    std::array<unsigned char, 16> value{};
    unsigned bits = 0;  // 32 or 128
};

std::optional<Bytes> parse_ip(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    const std::string terminated(text);
    Bytes bytes;
    if (inet_pton(AF_INET, terminated.c_str(), bytes.value.data()) == 1)
        bytes.bits = 32;
    else if (inet_pton(AF_INET6, terminated.c_str(), bytes.value.data()) == 1)
        bytes.bits = 128;
    else
        return std::nullopt;
    return bytes;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > most) return std::nullopt;
    return number;
}

bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(a.value.begin(), a.value.begin() + static_cast<std::ptrdiff_t>(whole), b.value.begin()))
        return false;
    return bits % 8 == 0 || (a.value.at(whole) ^ b.value.at(whole)) >> (8 - bits % 8) == 0;
}

// How many bits of an "address" or "address/bits" are compared; nullopt when it is neither.
std::optional<unsigned> bits_of(std::string_view entry) {
    const auto slash = entry.find('/');
    const auto network = parse_ip(entry.substr(0, slash));
    if (!network || slash == std::string_view::npos) return network ? std::optional(network->bits) : std::nullopt;
    return parse_number(entry.substr(slash + 1), network->bits);
}

bool network_matches(std::string_view entry, const Bytes& host) {
    const auto network = parse_ip(entry.substr(0, entry.find('/')));
    const auto bits = bits_of(entry);
    return network && bits && network->bits == host.bits && same_prefix(*network, host, *bits);
}

// Some programs accept "*.example.com" for what others write as ".example.com".
std::string_view without_front(std::string_view entry) {
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    return entry;
}

bool name_matches(std::string_view entry, std::string_view host) {
    entry = without_front(entry);
    if (entry.ends_with('.')) entry.remove_suffix(1);
    if (entry.empty() || host.size() < entry.size()) return false;
    const std::size_t front = host.size() - entry.size();
    return inspect::http::same_name(host.substr(front), entry) && (front == 0 || host[front - 1] == '.');
}

// Cuts ":port" from the end; false when it is a port other than `port`. An IPv6 address without
// brackets has none.
bool take_port(std::string_view& entry, std::uint16_t port) {
    const auto colon = entry.rfind(':');
    const bool bare_v6 = !entry.starts_with('[') && std::ranges::count(entry, ':') > 1;
    if (colon == std::string_view::npos || bare_v6 || entry.ends_with(']') ||
        entry.find(']', colon) != std::string_view::npos)
        return true;
    const auto number = parse_number(entry.substr(colon + 1), 65'535);
    entry = entry.substr(0, colon);
    return number && *number == port;
}

}  // namespace

NoProxy::NoProxy(std::string_view list) {
    constexpr std::string_view separators = ", \t";
    while (!list.empty()) {
        const std::string_view entry = list.substr(0, list.find_first_of(separators));
        if (!entry.empty()) entries_.emplace_back(entry);
        list.remove_prefix(std::min(entry.size() + 1, list.size()));
    }
}

std::vector<std::string> NoProxy::idle() const {
    std::vector<std::string> found;
    std::ranges::copy_if(entries_, std::back_inserter(found), [](std::string_view entry) {
        if (entry == "*") return false;
        return without_front(entry).contains('*') || (entry.contains('/') && !bits_of(entry));
    });
    return found;
}

bool NoProxy::matches(std::string_view host, std::uint16_t port) const {
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto address = parse_ip(host);
    return std::ranges::any_of(entries_, [&](std::string_view entry) {
        if (entry == "*") return true;
        // "[::1]/128" keeps its colons: a port can only follow the bracket or a name.
        if (entry.find('/') == std::string_view::npos && !take_port(entry, port)) return false;
        return address ? network_matches(entry, *address) : name_matches(entry, host);
    });
}

}  // namespace proxy
