#include "proxy/io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <uv.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>

namespace proxy::io {

namespace {

static_assert(sizeof(sockaddr_in6) == 28);

using Octets = std::span<const std::uint8_t>;

struct AddressBlock {
    std::array<std::uint8_t, 16> prefix;
    unsigned bits;
    Reach reach;
    bool contains(Octets address) const {
        const std::size_t whole = bits / 8;
        if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), prefix.begin()))
            return false;
        return bits % 8 == 0 || (address[whole] ^ prefix[whole]) >> (8 - bits % 8) == 0;
    }
};

// The IANA special-purpose registries that RFC 6890 began. The first match counts.
constexpr AddressBlock v4_blocks[] = {
    {{0}, 8, Reach::none},                     // RFC 791 §3.2: this network
    {{10}, 8, Reach::private_use},             // RFC 1918
    {{100, 64}, 10, Reach::private_use},       // RFC 6598: shared, behind carriers' NAT
    {{127}, 8, Reach::loopback},               // RFC 1122 §3.2.1.3
    {{169, 254}, 16, Reach::link_local},       // RFC 3927; clouds keep their metadata here
    {{172, 16}, 12, Reach::private_use},       // RFC 1918
    {{192, 0, 0}, 24, Reach::private_use},     // RFC 6890 §2.1
    {{192, 0, 2}, 24, Reach::private_use},     // RFC 5737: documentation
    {{192, 88, 99}, 24, Reach::none},          // RFC 7526: 6to4 relays, deprecated
    {{192, 168}, 16, Reach::private_use},      // RFC 1918
    {{198, 18}, 15, Reach::private_use},       // RFC 2544: benchmarking
    {{198, 51, 100}, 24, Reach::private_use},  // RFC 5737
    {{203, 0, 113}, 24, Reach::private_use},   // RFC 5737
    {{224}, 4, Reach::none},                   // RFC 1112: multicast
    {{240}, 4, Reach::none},                   // RFC 1112 §4: reserved; broadcast
};
constexpr AddressBlock v6_blocks[] = {
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, Reach::private_use},            // RFC 8215: a network's own NAT64
    {{0x01}, 64, Reach::none},                                                 // RFC 6666: discard
    {{0x20, 0x01, 0x0d, 0xb8}, 32, Reach::private_use},                        // RFC 3849: documentation
    {{0x20, 0x01}, 23, Reach::private_use},                                    // RFC 2928: Teredo, ORCHID …
    {{0x3f, 0xff}, 20, Reach::private_use},                                    // RFC 9637: documentation
    {{0x20}, 3, Reach::global},                                                // RFC 4291 §2.4: the rest of 2000::/3
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, Reach::loopback},  // RFC 4291 §2.5.3
    {{0xfc}, 7, Reach::private_use},                                           // RFC 4193: unique local
    {{0xfe, 0x80}, 10, Reach::link_local},                                     // RFC 4291 §2.5.6
    {{0xfe, 0xc0}, 10, Reach::private_use},                                    // RFC 3879: site-local, deprecated
    {{}, 0, Reach::none},                                                      // multicast, not allocated
};

// Where an IPv6 address carries the IPv4 address that is reached through it.
struct Carrier {
    std::array<std::uint8_t, 12> prefix;
    std::size_t size, offset;
};
constexpr Carrier carriers[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12},  // RFC 4291 §2.5.5.2: mapped
    {{0x00, 0x64, 0xff, 0x9b}, 12, 12},                    // RFC 6052 §2.1: NAT64
    {{0x20, 0x02}, 2, 2},                                  // RFC 3056: 6to4
};

Reach reach_of_v4(Octets address) {
    const auto* const block =
        std::ranges::find_if(v4_blocks, [&](const AddressBlock& each) { return each.contains(address); });
    return block == std::end(v4_blocks) ? Reach::global : block->reach;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
    if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
    const std::string text(ip);
    Address address;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (uv_ip4_addr(text.c_str(), port, &v4) == 0) {
        std::memcpy(address.storage_.data(), &v4, sizeof v4);
    } else if (uv_ip6_addr(text.c_str(), port, &v6) == 0) {
        std::memcpy(address.storage_.data(), &v6, sizeof v6);
    } else {
        return std::nullopt;
    }
    return address;
}

Address::Address(const sockaddr& raw) {
    std::memcpy(storage_.data(), &raw, raw.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

bool Address::is_v6() const { return raw().sa_family == AF_INET6; }

std::string Address::ip() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_v6()) {
        uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&raw()), text, sizeof text);
    } else {
        uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&raw()), text, sizeof text);
    }
    return text;
}

std::uint16_t Address::port() const {
    return ntohs(is_v6() ? reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_port
                         : reinterpret_cast<const sockaddr_in*>(&raw())->sin_port);
}

std::string Address::to_string() const {
    return is_v6() ? "[" + ip() + "]:" + std::to_string(port()) : ip() + ":" + std::to_string(port());
}

bool Address::is_loopback() const {
    if (!is_v6()) return (ntohl(reinterpret_cast<const sockaddr_in*>(&raw())->sin_addr.s_addr) >> 24) == 127;
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_addr);
}

bool Address::is_unspecified() const {
    if (!is_v6()) return reinterpret_cast<const sockaddr_in*>(&raw())->sin_addr.s_addr == 0;
    return IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_addr);
}

Address Address::as_connected() const {
    if (is_v6()) {
        const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&address)) {
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_port = htons(port());
            std::memcpy(&v4.sin_addr, &address.s6_addr[12], sizeof v4.sin_addr);
            return Address(reinterpret_cast<const sockaddr&>(v4)).as_connected();
        }
    }
    return is_unspecified() ? *parse(is_v6() ? "::1" : "127.0.0.1", port()) : *this;
}

Reach Address::reach() const {
    if (!is_v6()) {
        return reach_of_v4(
            {reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in*>(&raw())->sin_addr), 4});
    }
    const Octets address(reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_addr.s6_addr, 16);
    for (const Carrier& carrier : carriers) {
        const auto prefix = std::span(carrier.prefix).first(carrier.size);
        if (std::ranges::equal(address.first(carrier.size), prefix))
            return reach_of_v4(address.subspan(carrier.offset, 4));
    }
    return std::ranges::find_if(v6_blocks, [&](const AddressBlock& each) { return each.contains(address); })->reach;
}

}  // namespace proxy::io
