#include "certs/name_flaw.h"

#include <algorithm>
#include <array>
#include <string>

namespace certs {

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";
constexpr std::string_view separators = ",; \t\r\n\v\f";

std::string before_nul(std::string_view text) { return std::string(text.substr(0, text.find('\0'))); }
std::string without_blanks(std::string_view text) { return std::string(trimmed(text, blanks)); }
std::string without_quotes(std::string_view text) { return std::string(trimmed(text, "\"'`<>")); }

// OpenSSL's configuration and `openssl x509 -text` write the type before a name.
std::string without_type(std::string_view text) {
    constexpr auto types =
        std::to_array<std::string_view>({"dns:", "dns=", "dns name=", "dnsname:", "dnsname=", "ip:", "ip=",
                                         "ip address:", "ipaddress:", "uri:", "san:", "subjectaltname=", "cn="});
    const std::string low = lowered(text.substr(0, 16));
    for (const std::string_view type : types)
        if (low.starts_with(type)) return std::string(trimmed(text.substr(type.size()), blanks));
    return std::string(text);
}

std::string without_scheme(std::string_view text) {
    const std::size_t at = text.find("//");
    const bool scheme = at != std::string_view::npos && (at == 0 || text[at - 1] == ':');
    return std::string(scheme ? text.substr(at + 2) : text);
}

std::string without_path(std::string_view text) { return std::string(text.substr(0, text.find_first_of("/?#\\"))); }

std::string without_user(std::string_view text) {
    const std::size_t at = text.rfind('@');
    return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

std::string without_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const bool is_port = colon != std::string_view::npos && colon > 0 &&
                         text.find_first_not_of("0123456789*", colon + 1) == std::string_view::npos;
    // In an IPv6 address without brackets, the last group is not a port.
    const bool bare_address = is_port && text[colon - 1] != ']' && text.find(':') != colon;
    return std::string(is_port && !bare_address ? text.substr(0, colon) : text);
}

int hex_digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    const char low = static_cast<char>(character | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape =
            text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0;
        result += escape ? static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2])) : text[at];
        if (escape) at += 2;
    }
    return result;
}

std::string without_final_dots(std::string_view text) {
    while (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
    return std::string(text);
}

struct Layer {
    NearMissReason reason;
    std::string (*peel)(std::string_view text);
};

// From the outside inwards.
constexpr auto layers = std::to_array<Layer>({{NearMissReason::nul_inside, before_nul},
                                              {NearMissReason::blank_around, without_blanks},
                                              {NearMissReason::quotes_around, without_quotes},
                                              {NearMissReason::type_inside, without_type},
                                              {NearMissReason::url, without_scheme},
                                              {NearMissReason::path_inside, without_path},
                                              {NearMissReason::user_inside, without_user},
                                              {NearMissReason::port_inside, without_port},
                                              {NearMissReason::percent_encoded, percent_decoded},
                                              {NearMissReason::final_dot, without_final_dots}});

bool is_ascii(std::string_view text) {
    return std::ranges::none_of(text,
                                [](char character) { return (static_cast<unsigned char>(character) & 0x80) != 0; });
}

bool is_wanted(std::string_view text, const Host& host) {
    if (!host.is_address) return dns_matches(text, host.text);
    if (!is_ascii(text)) return false;
    const Host other = parse_host(text);
    return other.is_address && other.address == host.address;
}

// The same address in characters that UTS 46 drops or maps to ASCII.
bool is_address_beyond_ascii(std::string_view text, const Host& host) {
    return !is_ascii(text) && is_wanted(parse_host(text).text, host);
}

std::optional<NearMissReason> outermost(std::string_view presented, const Host& host) {
    std::optional<NearMissReason> first;
    std::string text(presented);
    for (const Layer& layer : layers) {
        std::string peeled = layer.peel(text);
        if (peeled == text) continue;
        text = std::move(peeled);
        if (!first) first = layer.reason;
        if (is_wanted(text, host)) return first;
    }
    return std::nullopt;
}

// Whether the host is one of several names in one dNSName.
bool is_listed(std::string_view presented, const Host& host) {
    for (std::string_view rest = presented; !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
        const std::string_view piece = rest.substr(0, end);
        if (is_wanted(piece, host) || outermost(piece, host)) return true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

// A name with U-labels, or with characters that UTS 46 drops or maps to ASCII: zero-width marks,
// full-width letters.
std::optional<NearMissReason> beyond_ascii(std::string_view presented, const Host& host) {
    const bool wildcard = presented.starts_with("*.");
    std::string converted = parse_host(wildcard ? presented.substr(2) : presented).text;
    if (wildcard) converted.insert(0, "*.");
    if (!dns_matches(converted, host.text)) return std::nullopt;
    return converted.contains("xn--") ? NearMissReason::unicode_label : NearMissReason::unseen_characters;
}

}  // namespace

std::optional<NearMissReason> name_flaw(std::string_view presented, const Host& host) {
    const bool several = trimmed(presented, blanks).find_first_of(separators) != std::string_view::npos;
    std::optional<NearMissReason> flaw = outermost(presented, host);
    if (!flaw && several && is_listed(presented, host)) flaw = NearMissReason::several_in_one;
    if (host.is_address) {
        const bool there = flaw || is_wanted(presented, host) || is_address_beyond_ascii(presented, host);
        return there ? std::optional(NearMissReason::address_as_dns) : std::nullopt;
    }
    if (flaw) return flaw;
    if (!is_ascii(presented)) return beyond_ascii(presented, host);
    if (presented.starts_with('.') &&
        (is_below(host.text, presented.substr(1)) || host.text == lowered(presented.substr(1))))
        return NearMissReason::leading_dot;
    if (!presented.empty() && lowered(presented) == host.text) return NearMissReason::no_host_name;
    return std::nullopt;
}

}  // namespace certs
