#include "proxy/io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <uv.h>

#include <cstring>

namespace proxy::io {

namespace {
static_assert(sizeof(sockaddr_in6) == 28);
}

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

bool Address::reaches_loopback() const {
    if (is_loopback()) return true;
    if (!is_v6()) return reinterpret_cast<const sockaddr_in*>(&raw())->sin_addr.s_addr == 0;
    const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&raw())->sin6_addr;
    return IN6_IS_ADDR_UNSPECIFIED(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

}  // namespace proxy::io
