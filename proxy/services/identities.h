// The leaf certificates minted lately, ready to serve, by host. Bounded; one cache for each event
// loop; renewed before they expire.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "certs/authority.h"
#include "proxy/settings/in_force.h"
#include "tls/context.h"

namespace proxy {

class Identities {
public:
    explicit Identities(const InForce<certs::Authority>& authority) : authority_(authority) {}

    // The identity for a host name or address. Minted when there is none, or when it has less than
    // a day left, or when another CA is in force.
    const tls::ServerIdentity& find(std::string_view host, certs::Time now);

private:
    // An identity costs about 10 KiB, so a loop's cache stays below 10 MiB.
    static constexpr std::size_t most = 1000;

    struct Entry {
        std::string host;
        certs::Time not_after;
        tls::ServerIdentity identity;
    };
    const InForce<certs::Authority>& authority_;
    std::shared_ptr<const certs::Authority> minted_by_;  // all that is kept
    std::list<Entry> recent_;                            // the most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_host_;
};

}  // namespace proxy
