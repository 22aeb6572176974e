#include "certs/server_name.h"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "certs/hostname.h"

namespace certs {

namespace {

// RFC 1035 §2.3.4; a name has no room for the length octets and the root in its text.
constexpr std::size_t longest_label = 63, longest_name = 253;

std::string shown(char character) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte > ' ' && byte < 0x7f) return fmt::format("'{}'", character);
    return byte == ' ' ? "a blank" : fmt::format("the byte 0x{:02x}", byte);
}

std::optional<std::string> flaw_of_label(std::string_view label) {
    if (label.empty()) return "has an empty label: two dots in a row, or a dot in front";
    if (label.size() > longest_label)
        return fmt::format("has a label of {} characters; at most {} are allowed (RFC 1035 §2.3.4)", label.size(),
                           longest_label);
    if (label.starts_with('-') || label.ends_with('-'))
        return "has a label that begins or ends with a hyphen (RFC 1123 §2.1)";
    return std::nullopt;
}

// Of a name in lower case without a wildcard.
std::optional<std::string> flaw_of(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    if (std::ranges::any_of(name, [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; }))
        return "is no internationalized host name (RFC 5891)";
    const auto odd = std::ranges::find_if_not(name, [&](char c) { return fits(c) || c == '.'; });
    if (odd != name.end()) return fmt::format("contains {}, which no host name has", shown(*odd));
    std::string_view rest = name;
    while (true) {
        const std::size_t dot = rest.find('.');
        if (auto flaw = flaw_of_label(rest.substr(0, dot))) return flaw;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    // Browsers take every such name for an address (URL Standard, "ends in a number").
    if (std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; }))
        return "ends in a number, as an IPv4 address does, and is none";
    return std::nullopt;
}

// RFC 5890 §2.3.2.1: an A-label is a U-label's encoding. Other labels with its prefix are none.
bool has_fake_a_label(const std::string& name) {
    if (!name.starts_with("xn--") && !name.contains(".xn--")) return false;
    char* unicode = nullptr;
    const int result = idn2_to_unicode_8z8z(name.c_str(), &unicode, 0);
    const std::unique_ptr<char, void (*)(void*)> owner(unicode, idn2_free);
    return result != IDN2_OK || unicode == nullptr || parse_host(unicode).text != name;
}

std::optional<std::string> flaw_of_wildcard(const Host& base) {
    if (base.is_address) return "is a wildcard before an address, which nothing matches";
    if (!base.text.contains('.'))
        return "is a wildcard with one label after the *: clients want two, as in *.example.test";
    return std::nullopt;
}

}  // namespace

std::expected<std::string, std::string> server_name(std::string_view text) {
    if (text.empty()) return std::unexpected("is empty");
    if (text.contains('/')) return std::unexpected("is a URL or a path, and a certificate is for a host");
    const bool wildcard = text.starts_with("*.");
    const Host host = parse_host(wildcard ? text.substr(2) : text);
    if (host.is_address && !wildcard) {
        if (text.contains('%')) return std::unexpected("has a zone, which means something on one machine only");
        return host.text;
    }
    if (text.contains(':'))
        return std::unexpected("contains a colon and is no IPv6 address: a certificate is for every port");
    if (host.text == "*")
        return std::unexpected(
            "is a wildcard for every name: clients want two labels after the *, as in *.example.test");
    if (host.text.contains('*')) return std::unexpected("has a * that is not its whole first label (RFC 9525 §6.3)");
    std::optional<std::string> flaw = host.is_address ? std::nullopt : flaw_of(host.text);
    if (!flaw && !host.is_address && has_fake_a_label(host.text))
        flaw = "has a label with xn-- that is no internationalized label (RFC 5890 §2.3.2.1)";
    if (!flaw && wildcard) flaw = flaw_of_wildcard(host);
    if (flaw) return std::unexpected(*std::move(flaw));
    std::string name = (wildcard ? "*." : "") + host.text;
    if (name.size() > longest_name)
        return std::unexpected(
            fmt::format("has {} characters; at most {} are allowed (RFC 1035 §2.3.4)", name.size(), longest_name));
    return name;
}

}  // namespace certs
