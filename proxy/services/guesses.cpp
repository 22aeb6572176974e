#include "proxy/services/guesses.h"

#include <netinet/in.h>

#include <algorithm>

#include "proxy/io/address.h"

namespace proxy {

std::string Guesses::name_of(const std::string& ip) {
    const auto address = io::Address::parse(ip, 0);
    // An IPv4 address written as IPv6 belongs to one client.
    if (!address || !address->is_v6() || ip.contains('.')) return ip;
    const auto* raw = reinterpret_cast<const sockaddr_in6*>(&address->raw());
    constexpr std::size_t network = 8;  // bytes of a /64
    return {reinterpret_cast<const char*>(raw->sin6_addr.s6_addr), network};
}

std::optional<double> Guesses::turn(const std::string& client, double now) {
    const std::lock_guard lock(mutex_);
    const auto known = clients_.find(client);
    if (known == clients_.end() || known->second.wrong < free) return 0;
    if (known->second.until <= now) {
        clients_.erase(known);
        return 0;
    }
    const double at = std::max(now, known->second.next);
    if (at - now > longest) return std::nullopt;
    known->second.next = at + pause;
    return at - now;
}

void Guesses::wrong(const std::string& client, double now) {
    const std::lock_guard lock(mutex_);
    if (clients_.size() >= most && !clients_.contains(client)) make_room(now);
    Client& known = clients_[client];
    if (known.until <= now) known = {};
    ++known.wrong;
    known.until = now + remembered;
    known.next = std::max(known.next, now + (known.wrong < free ? 0 : pause));
}

// Removes the clients whose time is over, or else all: someone with so many addresses is not slowed
// down by this.
void Guesses::make_room(double now) {
    std::erase_if(clients_, [&](const auto& each) { return each.second.until <= now; });
    if (clients_.size() >= most) clients_.clear();
}

}  // namespace proxy
