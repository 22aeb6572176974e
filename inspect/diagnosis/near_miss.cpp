#include "inspect/diagnosis/near_miss.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/hostname.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::NearMiss;
using certs::NearMissReason;

constexpr std::string_view whole = "host names are compared label by label, each as a whole";
constexpr std::string_view bare_name = "Issue a certificate with the bare name and nothing around it: DNS:{}.";

constexpr auto faults = std::to_array<NameFault>({
    {NearMissReason::address_as_dns, "is not an iPAddress",
     "an address counts only as a subject alternative name of type iPAddress", ""},
    {NearMissReason::mapped_address, "is another form of the address",
     "the bytes are compared, 4 of IPv4 against 16 of IPv6", ""},
    {NearMissReason::blank_around, "has a blank around it",
     "the blank is a part of the name, and no host's name has one", bare_name},
    {NearMissReason::quotes_around, "has quotes around it", "they are a part of the name, and no host's name has any",
     bare_name},
    {NearMissReason::type_inside, "has its type written inside",
     "the type stands beside the name, not in it; so this is another name", bare_name},
    {NearMissReason::several_in_one, "is several names in one",
     "each name must be a subject alternative name of its own",
     "Issue a certificate with each name as a subject alternative name of its own: DNS:{}, and the others likewise."},
    {NearMissReason::url, "is a URL, not a host name", whole, bare_name},
    {NearMissReason::path_inside, "has a path after it", whole, bare_name},
    {NearMissReason::user_inside, "has a user before it", whole, bare_name},
    {NearMissReason::port_inside, "has a port after it", "a certificate is for a host, on all its ports", bare_name},
    {NearMissReason::percent_encoded, "is percent-encoded", "nothing is decoded in a certificate", bare_name},
    {NearMissReason::final_dot, "ends in a dot", "a name in a certificate has no final dot (RFC 5280 §4.2.1.6)",
     bare_name},
    {NearMissReason::leading_dot, "begins with a dot",
     "that covers names in a name constraint only; here it would be a wildcard",
     "Issue a certificate that lists {}, or the wildcard \"*.\" in place of the first dot."},
    {NearMissReason::nul_inside, "holds a NUL byte",
     "the NUL and what comes after it are a part of the name; cut there it is a known attack",
     "Find out who issued such a name: it may be an attack. Then issue the bare name: DNS:{}."},
    {NearMissReason::unicode_label, "is not in its xn-- form",
     "a name with letters beyond ASCII must stand in the certificate in its xn-- form",
     "Issue a certificate with the name in its xn-- form: DNS:{}."},
    {NearMissReason::unseen_characters, "has characters beyond ASCII",
     "they look like the name, or like nothing, and are not it", bare_name},
    {NearMissReason::no_host_name, "is no host name",
     "a host name has labels of 1 to 63 letters, digits and hyphens, 253 in all",
     "Give the server a name that is one, in DNS and in its certificate.", false},
    {NearMissReason::other_kind, "is of another kind", "only names of the types dNSName and iPAddress count",
     "Issue a certificate with the name as a subject alternative name of type dNSName: DNS:{}."},
    {NearMissReason::inner_wildcard, "has its wildcard inside",
     "only the left-most label may be a wildcard, and all of it", "Issue a certificate that lists {} itself."},
    {NearMissReason::partial_wildcard, "has a wildcard in a label",
     "a wildcard must be a whole label; one inside a label never matches", "Issue a certificate that lists {} itself."},
    {NearMissReason::broad_wildcard, "is too wide a wildcard", "a wildcard needs at least two labels after it",
     "Issue a certificate that lists {} itself."},
});

std::size_t label_count(std::string_view name) { return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1; }

}  // namespace

const NameFault* fault_of(const certs::NameEvidence& evidence) {
    if (!evidence.nearest) return nullptr;
    const auto found = std::ranges::find(faults, evidence.nearest->reason, &NameFault::reason);
    return found == faults.end() ? nullptr : &*found;
}

std::string fault_title(const NameFault& fault, const NearMiss& nearest, std::string_view asked) {
    if (fault.reason == NearMissReason::address_as_dns)
        return fmt::format("the certificate's dNSName {} is not an iPAddress, so it does not cover the address {}",
                           shorten(visible_name(nearest.name), 30), shorten(asked, 39));
    const std::string_view type = fault.reason == NearMissReason::other_kind       ? ""
                                  : fault.reason == NearMissReason::mapped_address ? "iPAddress "
                                                                                   : "dNSName ";
    return fmt::format("the certificate's {}{} {}: it does not cover {}", type, shorten(visible_name(nearest.name), 32),
                       fault.is, shorten(asked, 32));
}

std::string fault_fix(const NameFault& fault, std::string_view asked) {
    return replaced(fault.fix, "{}", shorten(asked, 100));
}

std::string near_miss_text(const NearMiss& near, std::string_view asked) {
    if (const auto fault = std::ranges::find(faults, near.reason, &NameFault::reason); fault != faults.end())
        return std::string(fault->because);
    switch (near.reason) {
        case NearMissReason::wildcard_one_label:
            return label_count(asked) > label_count(near.name)
                       ? fmt::format("a wildcard stands for exactly one label; here it would have to stand for {}",
                                     label_count(asked) - label_count(near.name) + 1)
                       : "a wildcard stands for exactly one label";
        case NearMissReason::wildcard_not_apex:
            return "a wildcard covers the names one label below, not the domain itself";
        case NearMissReason::apex_not_subdomain:
            return "a name without a wildcard covers only itself, no names below it";
        case NearMissReason::address_against_dns:
            return "an IP address was asked for, and the certificate names hosts only";
        case NearMissReason::dns_against_address:
            return "a host was asked for, and the certificate names addresses only";
        case NearMissReason::subdomain_not_apex: return "a name covers only itself, not the domain above it";
        case NearMissReason::typo:
            return near.distance == 1
                       ? "it differs by one character, perhaps a misspelling"
                       : fmt::format("it differs by {} characters, perhaps a misspelling", near.distance);
        default: return "";
    }
}

std::string visible_name(std::string_view name) {
    const auto is_plain = [](char character) {
        return character > ' ' && character < '\x7f' && character != '"' && character != '\\';
    };
    if (!name.empty() && std::ranges::all_of(name, is_plain)) return std::string(name);
    std::string result = "\"";
    for (const char character : name) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte == 0)
            result += "\\0";
        else if (byte < ' ' || byte >= 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else if (character == '"' || character == '\\')
            (result += '\\') += character;
        else
            result += character;
    }
    return result + '"';
}

std::string shown_name(std::string_view name) {
    const bool unseen =
        name.empty() || std::ranges::any_of(name, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; });
    return unseen ? visible_name(name) : std::string(name);
}

std::string distinct_name(std::string_view name) {
    const auto is_ascii = [](std::string_view text) {
        return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
    };
    if (name.empty()) return "an empty name";
    if (is_ascii(name)) return visible_name(name);
    std::string converted = certs::parse_host(name).text;
    return is_ascii(converted) && converted.contains("xn--") ? converted : visible_name(name);
}

}  // namespace inspect::diagnosis
