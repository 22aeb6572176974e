// What serving clients needs on one event loop; only its thread uses it.
#pragma once

#include <list>

#include "proxy/flows/under_way.h"
#include "proxy/log/host_tally.h"
#include "proxy/services/identities.h"
#include "proxy/services/services.h"
#include "proxy/upstream/context.h"

namespace proxy {

class ClientConnection;

struct ClientContext {
    ClientContext(Services& shared, io::Loop& loop)
        : services(shared),
          upstream{.loop = loop, .services = shared.upstream},
          identities(shared.authority),
          under_way(loop) {}

    Services& services;
    UpstreamContext upstream;
    Identities identities;
    HostTally hosts;
    UnderWay under_way;
    std::list<ClientConnection*> connections;

    bool stopping() const { return upstream.stopping; }
};

}  // namespace proxy
