// What is reported about a client's exchanges and their servers: log lines, sentences on stderr,
// the tally of the host.
#pragma once

#include <memory>
#include <string>

#include "inspect/flow/flow.h"
#include "proxy/client/client.h"
#include "proxy/flows/tap.h"

namespace proxy {

// Reports what connecting to the upstream showed; once for each connection.
void report_upstream(Client& client, Upstream& upstream, const std::string& id);

// The URL as the client asked for it, with scheme and authority where these are known.
std::string url_of(const inspect::http::RequestHead& request, const Upstream* server);

// What the client speaks, as ALPN names it (RFC 7301 §6).
std::string_view protocol_of(const Client& client, const inspect::http::RequestHead& request);

// A tap for a request that goes to a server; nullptr when there is no book. `number`: see
// Client::flow_id().
std::unique_ptr<Tap> new_tap(Client& client, const inspect::http::RequestHead& request, double began_ms,
                             std::uint64_t number = 0);

// Has a request that is being sent shown in a moment, with where it goes.
void show_under_way(Client& client, const inspect::http::RequestHead& request, const Upstream& server, Tap& tap);

// Puts the flow of an exchange that is over into the book, which is open; as record().
void keep_flow(Client& client, const inspect::http::RequestHead& request, inspect::Flow flow, const Upstream* server,
               double began_ms, Tap* tap);
// Has the book show the upstream, whose attempt means `found`, with the flows that use it; its
// failed handshake is a flow of its own.
void keep_server(Client& client, Upstream& upstream, const inspect::diagnosis::Diagnosis& found, const std::string& id);
// Puts a client's failed handshake into the book.
void keep_client_failure(Client& client, const inspect::diagnosis::Diagnosis& found);

// Completes the flow of an exchange that is over, and passes it to everything that records flows.
// `server` is where it went; nullptr for what whytls answered itself. `began_ms` is when the
// request's first byte came, in the time of clock_ms(). `tap` has kept what passed; without one the
// book gets no more than the flow. `number`: see Client::flow_id().
void record(Client& client, const inspect::http::RequestHead& request, inspect::Flow flow, const Upstream* server,
            double began_ms, Tap* tap = nullptr, std::uint64_t number = 0);

// Reports a diagnosis of a client that has sent no request: only to the user and the log.
void report_unanswered(Client& client, inspect::diagnosis::Diagnosis found);

// The upstream, where the request of a tunnel went or would have gone; nullptr outside of one.
inline const Upstream* server_of_tunnel(Client& client) {
    return client.tunnel && client.servers.latest() ? &client.upstream() : nullptr;
}

}  // namespace proxy
