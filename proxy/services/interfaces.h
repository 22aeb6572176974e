// The addresses of this machine's network interfaces.
#pragma once

#include <string>
#include <vector>

#include "proxy/io/address.h"

namespace proxy {

struct InterfaceAddress {
    std::string interface;  // "eth0"
    io::Address address;    // port 0
};

// Of the interfaces that are up, IPv4 first, otherwise in the system's order; empty when the system
// does not say.
std::vector<InterfaceAddress> interface_addresses();

}  // namespace proxy
