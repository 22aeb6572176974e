#include "proxy/services/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

namespace proxy {

std::vector<InterfaceAddress> interface_addresses() {
    ifaddrs* found = nullptr;
    if (getifaddrs(&found) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(found, freeifaddrs);
    std::vector<InterfaceAddress> addresses;
    for (const ifaddrs* each = found; each != nullptr; each = each->ifa_next) {
        const sockaddr* address = each->ifa_addr;
        if (address == nullptr || (each->ifa_flags & IFF_UP) == 0) continue;
        if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
            addresses.push_back({each->ifa_name, io::Address(*address)});
    }
    std::ranges::stable_sort(addresses, {}, [](const InterfaceAddress& each) { return each.address.is_v6(); });
    return addresses;
}

}  // namespace proxy
