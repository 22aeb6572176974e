// NO_PROXY and --no-proxy: which hosts are reached without the parent proxy. The rules are curl's: nothing is exempt that is not
// listed, loopback neither.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

class NoProxy {
public:
    NoProxy() = default;
    // Entries between commas or white space: "*", a host with all below it (a leading dot or "*." changes nothing), an address, an
    // address/bits; each but the last may end in ":port". What is none of these matches nothing.
    explicit NoProxy(std::string_view list);
    bool matches(std::string_view host, std::uint16_t port) const;
    // Entries that can match nothing, because of a "*" or of what stands around a "/".
    std::vector<std::string> idle() const;

private:
    std::vector<std::string> entries_;
};

}  // namespace proxy
