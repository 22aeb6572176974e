// Addresses that stand for names: a command in an enclosure of `whytls exec --all` is given one for
// each name that it resolves, so that its connections say which host is meant. Guards itself.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proxy/io/address.h"

namespace proxy {

class NamedAddresses {
public:
    // The IPv4 address of a name, always the same: of 198.18.0.0/15, which is for benchmarks (RFC
    // 2544) and leads nowhere. nullopt when there are no more of them.
    std::optional<io::Address> address_of(const std::string& name);
    // The name that an address stands for; "" of any other address.
    std::string name_of(const io::Address& address) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint32_t, std::less<>> numbers_;
    std::vector<std::string> names_;  // by their numbers
};

}  // namespace proxy
