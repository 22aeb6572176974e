#include "proxy/services/reachable.h"

#include <algorithm>

#include "inspect/diagnosis/wording.h"

namespace proxy {

namespace {

bool is_offered(const ListenAt& listen) { return listen.is_proxy() && !listen.address.is_loopback(); }

bool is_usable(const io::Address& address) {
    const io::Reach reach = address.reach();
    return reach == io::Reach::global || reach == io::Reach::private_use;
}

// [::] takes IPv4 too.
bool takes(const io::Address& bound, const io::Address& here) {
    if (bound.is_unspecified()) return bound.is_v6() || !here.is_v6();
    return bound.ip() == here.ip();
}

}  // namespace

bool listens_beyond_loopback(std::span<const ListenAt> listeners) { return std::ranges::any_of(listeners, is_offered); }

std::vector<inspect::page::Reachable> reachable_from_elsewhere(std::span<const ListenAt> listeners,
                                                               std::span<const io::Address> bound,
                                                               std::span<const InterfaceAddress> interfaces) {
    std::vector<inspect::page::Reachable> reachable;
    for (std::size_t i = 0; i < std::min(listeners.size(), bound.size()); ++i) {
        if (!is_offered(listeners[i])) continue;
        for (const InterfaceAddress& each : interfaces) {
            if (is_usable(each.address) && takes(bound[i], each.address))
                reachable.push_back({inspect::diagnosis::endpoint(each.address.ip(), bound[i].port()), each.interface});
        }
    }
    return reachable;
}

}  // namespace proxy
