#include "proxy/client/request/request_server.h"

#include "inspect/http/upgrade.h"
#include "proxy/client/record.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;

// A server of HTTP/2 may not take a WebSocket in a stream (RFC 8441 §3): then it gets a connection
// of HTTP/1.1.
io::Task<> RequestServer::take(Route& route) {
    Destination& destination = route.destination;
    if (!take_open(destination)) co_await open(destination);
    const bool may_switch = route.request.method == "GET" && !http::offered_protocols(route.request.fields).empty();
    if (lease_->failed() || !http2() || !may_switch) co_return;
    if (co_await http2()->takes_connect_protocol(client_.settings().handshake_timeout)) co_return;
    if (destination.offers_http1_only()) co_return;  // it takes nothing but HTTP/2
    destination.alpn = {"http/1.1"};
    give_back();
    if (!take_open(destination)) co_await open(destination);
}

bool RequestServer::is_unsure_of_http1() const {
    if (lease_->used || http2()) return false;
    const auto& handshake = lease_->attempt.handshake;
    const Destination& asked = lease_->destination;
    const bool ours = asked.or_http2 && asked.offers_http1_only();
    return ours && handshake && handshake->alpn.empty() && !handshake->resumed;
}

io::Task<bool> RequestServer::take_over_http2(const Route& route) {
    Server& server = client_.begin_server(route.destination);
    Lease lease(server);
    server.upstream.http2_only = server.upstream.reported = true;
    {
        const Opening opening(server);
        co_await client_.open(server.upstream, "");
    }
    if (server.upstream.failed() || !server.http2) {
        if (server.upstream.open()) server.upstream.channel->close();  // no later request is for it
        co_return false;
    }
    server.upstream.reported = false;
    report_upstream(client_, server.upstream, client_.flow_id(number_));
    lease_ = std::move(lease);
    if (!http::offered_protocols(route.request.fields).empty())
        (void)co_await server.http2->takes_connect_protocol(client_.settings().handshake_timeout);
    co_return true;
}

void RequestServer::remember_http2() const {
    client_.services().upstream.http2_only.remember(lease_->destination.server(), io::clock_ms());
}

// What a tunnel's handshake found is reported to its first request. Later ones try again, for the
// server may be mended.
bool RequestServer::take_open(const Destination& destination) {
    Server* latest = client_.tunnel && client_.exchanges == 0 ? client_.servers.latest() : nullptr;
    const bool fresh_failure =
        latest && !latest->opening && latest->upstream.failed() && latest->upstream.destination == destination;
    Server* server = fresh_failure ? latest : client_.servers.find(destination);
    if (server == nullptr) return false;
    lease_ = Lease(*server);
    return true;
}

// Requests that come together share what one of them opens: a connection that carries HTTP/2, or
// why there is none.
io::Task<> RequestServer::open(const Destination& destination) {
    if (Server* opening = client_.servers.find_opening(destination)) {
        lease_ = Lease(*opening);
        co_await opening->opened.wait();
        if (opening->upstream.failed() || (opening->http2 && opening->http2->session().can_request())) co_return;
        give_back();
        if (take_open(destination)) co_return;
    }
    Server& server = client_.begin_server(destination);
    lease_ = Lease(server);
    const Opening opening(server);
    co_await client_.open(server.upstream, client_.flow_id(number_));
}

}  // namespace proxy
