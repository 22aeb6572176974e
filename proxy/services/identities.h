// The leaf certificates minted lately, ready to serve, by host. Bounded; one cache for each event
// loop; renewed before they expire.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "certs/authority.h"
#include "tls/context.h"

namespace proxy {

class Identities {
public:
    explicit Identities(const certs::Authority& authority) : authority_(authority) {}

    // The identity for a host name or address. Minted when there is none, or when it has less than
    // a day left.
    const tls::ServerIdentity& find(std::string_view host, certs::Time now);

private:
    // An identity costs about 10 KiB, so a loop's cache stays below 10 MiB.
    static constexpr std::size_t most = 1000;

    struct Entry {
        std::string host;
        certs::Time not_after;
        tls::ServerIdentity identity;
    };
    const certs::Authority& authority_;
    std::list<Entry> recent_;  // the most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_host_;
};

}  // namespace proxy
