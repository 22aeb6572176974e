// What is reported about a client's exchanges and their servers: log lines, sentences on stderr,
// the tally of the host.
#pragma once

#include "inspect/flow/flow.h"
#include "proxy/client/client.h"

namespace proxy {

// Reports what connecting to the upstream showed; once for each connection.
void report_upstream(Client& client, Upstream& upstream, const std::string& id);

// Completes the flow of an exchange that is over, and passes it to everything that records flows.
// `server` is where it went; nullptr for what whytls answered itself. `began_ms` is when the
// request's first byte came, in the time of clock_ms().
void record(Client& client, const inspect::http::RequestHead& request, inspect::Flow flow, const Upstream* server,
            double began_ms);

// Reports a diagnosis of a client that has sent no request: only to the user and the log.
void report_unanswered(Client& client, inspect::diagnosis::Diagnosis found);

// The upstream, where the request of a tunnel went or would have gone; nullptr outside of one.
inline const Upstream* server_of_tunnel(Client& client) {
    return client.tunnel && client.servers.latest() ? &client.upstream() : nullptr;
}

}  // namespace proxy
