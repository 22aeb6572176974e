#include "certs/hostname.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

namespace certs {

namespace {

char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t label_count(std::string_view name) { return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1; }

// RFC 1123 §2.1 with the underscore that many names have: labels of 1 to 63 letters, digits,
// hyphens, underscores.
bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > 253) return false;
    std::size_t label = 0;
    for (const char character : name) {
        if (character == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const char low = lower(character);
        const bool fits = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '-' || low == '_';
        if (!fits || ++label > 63) return false;
    }
    return label > 0;
}

std::optional<ByteVector> parse_address(std::string_view text) {
    if (text.size() > 128) return std::nullopt;  // an address with its zone is far shorter
    std::string plain(text);
    if (plain.size() >= 2 && plain.front() == '[' && plain.back() == ']') plain = plain.substr(1, plain.size() - 2);
    // RFC 6874: a zone means something only on this host.
    if (plain.contains(':')) plain.resize(std::min(plain.find('%'), plain.size()));
    ByteVector address(16);
    if (inet_pton(AF_INET6, plain.c_str(), address.data()) == 1) return address;
    address.resize(4);
    if (inet_pton(AF_INET, plain.c_str(), address.data()) == 1) return address;
    return std::nullopt;
}

// RFC 5891 §5, through UTS 46: the A-labels of a name with U-labels; nullopt when it is not such a
// name.
std::optional<std::string> to_a_labels(const std::string& name) {
    // A label has at most 63 code points of four bytes, a name 253 characters. Anything longer is
    // not a host name, and converting is quadratic.
    constexpr std::size_t longest = 1024;
    if (name.contains('\0') || name.size() > longest) return std::nullopt;
    std::uint8_t* converted = nullptr;
    const int result = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(name.c_str()), &converted,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(converted, idn2_free);
    if (result != IDN2_OK || converted == nullptr) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(converted));
}

}  // namespace

std::string lowered(std::string_view name) {
    std::string result(name);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

bool is_below(std::string_view name, std::string_view base) {
    return name.size() > base.size() && name.ends_with(base) && name[name.size() - base.size() - 1] == '.';
}

Host parse_host(std::string_view text) {
    Host host;
    if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
    if (auto address = parse_address(text)) {
        host.is_address = true;
        host.address = *std::move(address);
        host.text = address_text(host.address);
        return host;
    }
    host.text = lowered(text);
    if (std::ranges::any_of(text, [](char character) { return (static_cast<unsigned char>(character) & 0x80) != 0; })) {
        if (auto converted = to_a_labels(host.text)) host.text = *std::move(converted);
    }
    return host;
}

bool dns_matches(std::string_view presented, std::string_view host) {
    if (!is_dns_name(host)) return false;
    if (!presented.starts_with("*.")) return is_dns_name(presented) && same_ignoring_case(presented, host);
    const std::string_view base = presented.substr(2);
    const std::size_t dot = host.find('.');
    return is_dns_name(base) && label_count(base) >= 2 && dot != std::string_view::npos &&
           same_ignoring_case(base, host.substr(dot + 1));
}

bool certificate_matches(const Certificate& certificate, const Host& host) {
    return std::ranges::any_of(certificate.subject_alt_names(), [&](const GeneralName& name) {
        if (host.is_address)
            return name.kind == GeneralNameKind::address && std::ranges::equal(name.value, host.address);
        return name.kind == GeneralNameKind::dns && dns_matches(as_text(name.value), host.text);
    });
}

std::string_view version_of_idn2() { return idn2_check_version(nullptr); }

}  // namespace certs
