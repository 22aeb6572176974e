// NO_PROXY and --no-proxy: which hosts are reached without the parent proxy. The rules are curl's:
// only listed hosts are exempt, and loopback is no exception.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

class NoProxy {
public:
    NoProxy() = default;
    // Entries are separated by commas or white space: "*"; a host, which includes everything below
    // it (a leading dot or "*." changes nothing); an address; an address/bits. Each but the last
    // may end in ":port". Anything else matches nothing.
    explicit NoProxy(std::string_view list);
    bool matches(std::string_view host, std::uint16_t port) const;
    // Entries that can match nothing, because of a "*" or of the text around a "/".
    std::vector<std::string> idle() const;

private:
    std::vector<std::string> entries_;
};

}  // namespace proxy
