#include "proxy/services/client_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>

namespace proxy {

std::string client_key(std::string_view address, const tls::ClientHello& hello) {
    // GREASE values (RFC 8701) differ from one hello to the next of the same client.
    const auto is_grease = [](std::uint16_t value) {
        return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
    };
    std::string offers;
    for (const auto* list : {&hello.ciphers, &hello.groups}) {
        for (const std::uint16_t value : *list)
            if (!is_grease(value)) offers += fmt::format("{:x},", value);
        offers += ';';
    }
    for (const std::string& name : hello.alpn) offers += name + ',';
    return fmt::format("{} {:x}", address.substr(0, address.rfind(':')), std::hash<std::string>()(offers));
}

void ClientMemory::trusted(const std::string& client, const std::string& host) {
    const std::lock_guard lock(mutex_);
    if (clients_.size() >= most && !clients_.contains(client)) clients_.clear();
    std::vector<std::size_t>& hosts = clients_[client];
    const std::size_t hash = std::hash<std::string>()(host);
    if (!hosts.empty() && hosts.back() == hash) return;
    std::erase(hosts, hash);
    if (hosts.size() >= most_hosts) hosts.erase(hosts.begin());
    hosts.push_back(hash);
}

std::size_t ClientMemory::left_unused(const std::string& client, const std::string& host) {
    const std::lock_guard lock(mutex_);
    const std::size_t hash = std::hash<std::string>()(host);
    const auto known = clients_.find(client);
    if (known != clients_.end() && std::ranges::find(known->second, hash) != known->second.end()) return 0;
    if (left_.size() >= most) left_.clear();
    return ++left_[fmt::format("{} {:x}", client, hash)];
}

bool ClientMemory::trusts_elsewhere(const std::string& client, const std::string& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(client);
    return found != clients_.end() &&
           std::ranges::find(found->second, std::hash<std::string>()(host)) == found->second.end();
}

}  // namespace proxy
