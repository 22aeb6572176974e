// What serving clients takes on one event loop; only its thread uses it.
#pragma once

#include <list>

#include "proxy/host_tally.h"
#include "proxy/identities.h"
#include "proxy/services.h"
#include "proxy/upstream_context.h"

namespace proxy {

class Connection;

struct ClientContext {
    ClientContext(Services& shared, io::Loop& loop)
        : services(shared), upstream{.loop = loop, .services = shared.upstream}, identities(shared.authority) {}

    Services& services;
    UpstreamContext upstream;
    Identities identities;
    HostTally hosts;
    std::list<Connection*> connections;

    bool stopping() const { return upstream.stopping; }
};

}  // namespace proxy
