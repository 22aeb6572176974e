// A socket address, IPv4 or IPv6, as a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace proxy::io {

// How far an address reaches, by the registries of RFC 6890 (and RFC 6598, RFC 4193): who may be
// behind it.
enum class Reach {
    global,
    private_use,  // private, shared (CGNAT), unique local, benchmarking, documentation: not forwarded on the internet
    link_local,
    loopback,
    none,  // unspecified, multicast, broadcast, reserved: no one's
};

class Address {
public:
    // From a numeric address, IPv6 with or without brackets; nullopt for anything else.
    static std::optional<Address> parse(std::string_view ip, std::uint16_t port);
    explicit Address(const sockaddr& raw);

    std::string ip() const;         // "127.0.0.1", "::1"
    std::string to_string() const;  // "127.0.0.1:443", "[::1]:443"
    std::uint16_t port() const;
    bool is_loopback() const;
    bool is_v6() const;
    bool is_unspecified() const;  // 0.0.0.0, ::
    // Where a connection to it goes. An IPv4 address written as IPv6 (::ffff:a.b.c.d) becomes the
    // IPv4 address; the unspecified address becomes the loopback.
    Address as_connected() const;
    Reach reach() const;  // an IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4) has the reach of that one

    const sockaddr& raw() const { return *reinterpret_cast<const sockaddr*>(storage_.data()); }
    bool operator==(const Address&) const = default;

private:
    Address() = default;
    alignas(8) std::array<unsigned char, 28> storage_{};  // sizeof(sockaddr_in6)
};

}  // namespace proxy::io
