#include "proxy/client_memory.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace proxy {

std::string client_key(std::string_view address, const tls::ClientHello& hello) {
    // GREASE (RFC 8701) differs from hello to hello of one client.
    const auto is_grease = [](std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); };
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
    Hosts& hosts = clients_[client];
    if (hosts.one.empty())
        hosts.one = host;
    else if (hosts.one != host)
        hosts.other = host;
}

bool ClientMemory::trusts_elsewhere(const std::string& client, const std::string& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(client);
    if (found == clients_.end()) return false;
    return found->second.one != host || !found->second.other.empty();
}

}  // namespace proxy
