// The DNS of an enclosure: each name has an address that stands for it (NamedAddresses). Whether
// there is such a host is found out by the proxy, when the command connects.
#pragma once

#include <thread>
#include <vector>

#include "proxy/services/named_addresses.h"

namespace proxy {

class NameServer {
public:
    // Serves on a thread of its own. `sockets` are bound sockets of UDP, which become this one's;
    // `names` outlives it.
    NameServer(NamedAddresses& names, std::vector<int> sockets);
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;
    ~NameServer();

private:
    void serve();

    NamedAddresses& names_;
    std::vector<int> sockets_;
    int stop_;  // an eventfd
    std::thread thread_;
};

}  // namespace proxy
