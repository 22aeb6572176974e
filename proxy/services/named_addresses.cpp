#include "proxy/services/named_addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace proxy {

namespace {

// 198.18.0.1 is the enclosure's own.
constexpr std::uint32_t first = (198U << 24) + (18U << 16) + 2, most = (1U << 17) - 3;

}  // namespace

std::optional<io::Address> NamedAddresses::address_of(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    const auto [found, is_new] = numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (is_new && names_.size() >= most) {
        numbers_.erase(found);
        return std::nullopt;
    }
    if (is_new) names_.push_back(name);
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_addr.s_addr = htonl(first + found->second);
    return io::Address(reinterpret_cast<const sockaddr&>(raw));
}

std::string NamedAddresses::name_of(const io::Address& address) const {
    if (address.is_v6()) return "";
    const std::uint32_t number = ntohl(reinterpret_cast<const sockaddr_in&>(address.raw()).sin_addr.s_addr) - first;
    const std::scoped_lock lock(mutex_);
    return number < names_.size() ? names_[number] : "";
}

}  // namespace proxy
