#include "proxy/client/connect_tunnel.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "inspect/report/print/escape.h"
#include "proxy/client/client_report.h"
#include "proxy/client/client_tls.h"
#include "proxy/client/inner_protocol.h"
#include "proxy/client/record.h"
#include "proxy/client/redirected.h"
#include "proxy/http/route.h"
#include "proxy/http/tunnel.h"
#include "proxy/io/clock.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;

namespace {

constexpr double silence = 0.5;  // seconds until a tunnel's client counts as waiting for the server

// Ends the wait for the client when the server is the first to send something.
io::Task<> listen_to_server(io::Channel& server, io::Channel& client) {
    const auto first = co_await server.fill();
    if (first || first.error().kind != io::IoError::Kind::cancelled) client.socket().stop_reading();
}

// The client sends nothing: perhaps its protocol lets the server begin (SSH, SMTP). Connects; the
// side that speaks first decides.
io::Task<tls::Peek> peek_silent_client(Client& client, tls::ClientHello& hello) {
    Upstream& upstream = client.upstream();
    if (!is_own_host(client.tunnel->host)) co_await dial(client.context.upstream, upstream);
    tls::Peek state = tls::Peek::need_more;
    std::optional<io::Child> server;
    if (upstream.open()) server.emplace(listen_to_server(*upstream.channel, client.channel));
    while (state == tls::Peek::need_more) {
        const auto more = co_await client.channel.fill();
        if (!more && more.error().kind == io::IoError::Kind::cancelled) state = tls::Peek::not_tls;
        if (!more || *more == 0) break;
        tls::PeekResult result = tls::peek_client_hello(client.channel.buffered());
        if (result.state == tls::Peek::complete) hello = std::move(result.hello);
        state = result.state;
    }
    if (server) {
        upstream.channel->socket().stop_reading();
        co_await server->join();
    }
    client.idle = false;
    co_return state;
}

// The protocol of a tunnel's client, by its first bytes; need_more when it left before that was
// clear.
io::Task<tls::Peek> peek(Client& client, tls::ClientHello& hello) {
    io::Channel& channel = client.channel;
    io::Timer patience(client.context.upstream.loop);
    if (channel.buffered().empty()) {
        patience.start(silence, [&channel] { channel.socket().stop_reading(); });
    }
    for (;;) {
        if (!channel.buffered().empty()) {
            patience.stop();
            tls::PeekResult result = tls::peek_client_hello(channel.buffered());
            if (result.state == tls::Peek::complete) hello = std::move(result.hello);
            if (result.state != tls::Peek::need_more) co_return result.state;
            if (channel.buffered().size() >= io::block_size) co_return tls::Peek::not_tls;
        }
        client.idle = channel.buffered().empty();
        const auto more = co_await channel.fill();
        if (!more && more.error().kind == io::IoError::Kind::cancelled) {
            if (is_own_connection(client)) co_return tls::Peek::need_more;
            co_return co_await peek_silent_client(client, hello);
        }
        client.idle = false;
        if (!more || *more == 0) co_return tls::Peek::need_more;
    }
}

// Runs before the client's own handshake, so that the client gets the ALPN that the server agreed
// to.
io::Task<> open_for_tunnel(Client& client) {
    UpstreamContext& context = client.context.upstream;
    if (client.upstream().open()) {
        client.upstream().destination = *client.tunnel;
        client.upstream().attempt.host = client.tunnel->host;
    } else {
        client.begin_server(*client.tunnel);
        co_await dial(context, client.upstream());
    }
    while (co_await secure(context, client.upstream())) co_await dial(context, client.upstream());
    report_upstream(client, client.upstream(), client.flow_id());
}

io::Task<> relay_bytes(Client& client) {
    const double idle_timeout = client.settings().idle_timeout;
    client.relays = true;
    const Tunnelled bytes = co_await tunnel(client.channel, *client.upstream().channel, idle_timeout);
    client.relays = false;
    http::RequestHead request;
    request.method = "CONNECT";
    request.target = fmt::format("{}:{}", client.tunnel->host, client.tunnel->port);
    inspect::Flow flow;
    flow.status = 200;
    flow.request_bytes = bytes.up;
    flow.response_bytes = bytes.down;
    if (bytes.idle) flow.idle_seconds = idle_timeout;
    record(client, request, std::move(flow), server_of_tunnel(client), client.began_ms);
}

io::Task<> pass_through(Client& client) {
    if (!client.upstream().open()) {
        client.begin_server(*client.tunnel);
        client.upstream().destination.tls = false;
        co_await dial(client.context.upstream, client.upstream());
        report_upstream(client, client.upstream(), client.flow_id());
        if (client.upstream().failed()) co_return;
    }
    co_await relay_bytes(client);
}

// A protocol inside an intercepted tunnel that is not HTTP passes as bytes, when the server
// verified. False when it is HTTP.
io::Task<bool> serve_inner_protocol(Client& client) {
    const bool good = !client.upstream().failed() && client.upstream().open();
    client.idle = true;
    client.channel.socket().set_deadline(client.settings().idle_timeout);
    const bool other = co_await speaks_inner_protocol(client.channel, good ? &*client.upstream().channel : nullptr);
    client.channel.socket().clear_deadline();
    if (!other) co_return false;
    client.idle = false;
    if (!client.tls.key.empty()) report_client_trust(client);
    if (good && !client.servers.latest()->is_of_former_keyring()) {
        co_await relay_bytes(client);
        co_return true;
    }
    const std::string& host = client.tunnel->host;
    client.notices().tell("not HTTP " + host,
                          fmt::format("{}: what the client speaks is not HTTP, so it was closed without an answer",
                                      inspect::report::for_terminal(host, 300)));
    client.channel.socket().reset();
    co_return true;
}

// What the server agreed to. A server that agreed to nothing speaks HTTP/1.1, and gets that from a
// client which can.
std::vector<std::string> alpn_for(Client& client) {
    const std::vector<std::string>& offered = client.tunnel->alpn;
    const auto& handshake = client.upstream().attempt.handshake;
    if (client.upstream().failed() || !handshake) return offered;
    if (!handshake->alpn.empty()) return {handshake->alpn};
    std::vector<std::string> others;
    std::ranges::copy_if(offered, std::back_inserter(others), [](const std::string& each) { return each != "h2"; });
    return others.empty() ? offered : others;
}

// Whether the first line is a request's. The client has chosen the address itself, so anything else
// passes, and so does what begins as a line and does not end as one.
io::Task<bool> begins_as_http(io::Channel& channel, io::Loop& loop) {
    io::Timer patience(loop);
    patience.start(silence, [&channel] { channel.socket().stop_reading(); });
    for (;;) {
        const std::string_view text = certs::as_text(channel.buffered());
        if (const auto end = text.find('\n'); end != std::string_view::npos)
            co_return text.substr(0, end).contains(" HTTP/");
        const bool method = http::is_token(text.substr(0, text.find(' ')));
        if (!method || text.size() >= io::block_size) co_return method;
        const auto more = co_await channel.fill();
        if (!more || *more == 0) co_return false;
    }
}

// Whether a client that was redirected speaks HTTP in the clear, to its server and not to a proxy
// of its own. It is then served request by request.
io::Task<bool> speaks_http(Client& client) {
    const certs::Bytes first = client.channel.buffered();
    if (first.empty() || certs::as_text(first).starts_with("CONNECT ")) co_return false;
    if (matches_any(client.settings().passthrough, client.tunnel->host)) co_return false;
    if (!co_await begins_as_http(client.channel, client.context.upstream.loop)) co_return false;
    client.channel.socket().set_deadline(client.settings().idle_timeout);
    const bool other = co_await speaks_inner_protocol(client.channel, nullptr);
    client.channel.socket().clear_deadline();
    if (other) co_return false;
    client.tunnel->tls = false;
    if (client.upstream().open()) client.upstream().channel->close();  // a silent client's, as for TLS
    co_return true;
}

// True when the client speaks HTTP inside.
io::Task<bool> intercept(Client& client, const tls::ClientHello& hello) {
    Destination& tunnel = *client.tunnel;
    take_hello(client, hello);
    client.tls.key = client_key(client.address, hello);
    tunnel.sni = client.tls.sni;
    tunnel.alpn = passed_on(hello.alpn);
    // A client that names a host in its ClientHello will check the certificate for that name,
    // whatever host its CONNECT named.
    if (!client.tls.sni.empty()) tunnel.name = client.tls.sni;
    // Of a client that knows of no proxy it is the only name that there is.
    if (tunnel.at && !client.tls.sni.empty()) tunnel.host = client.tls.sni;
    if (client.listen.transparent && matches_any(client.settings().passthrough, tunnel.host)) {
        co_await pass_through(client);
        co_return false;
    }

    const bool own = is_own_host(tunnel.host);
    if (!own) co_await open_for_tunnel(client);
    if (client.channel.socket().closed()) co_return false;

    if (!co_await shake_hands(client, tunnel.name, alpn_for(client))) co_return false;
    co_return own || !co_await serve_inner_protocol(client);
}

}  // namespace

io::Task<bool> begin_tunnel(Client& client, const http::Target& target, std::string_view passed,
                            std::string_view received) {
    client.tunnel =
        Destination{.host = target.host, .port = target.port, .tls = true, .name = target.host, .sni = "", .alpn = {}};
    client.tunnel->via = via_of(passed, received, client.services().upstream.pseudonym);
    Upstream& upstream = client.servers.begin(*client.tunnel, false).upstream;
    if (!matches_any(client.settings().passthrough, target.host)) co_return true;
    upstream.destination.tls = false;
    co_await dial(client.context.upstream, upstream);
    report_upstream(client, client.upstream(), client.flow_id());
    co_return !upstream.failed();
}

io::Task<bool> serve_tunnel(Client& client) {
    if (!client.upstream().destination.tls) {
        co_await pass_through(client);
        co_return false;
    }
    tls::ClientHello hello;
    client.channel.socket().set_deadline(client.settings().handshake_timeout);
    const tls::Peek peeked = co_await peek(client, hello);
    client.channel.socket().clear_deadline();
    if (client.channel.socket().closed() || is_own_connection(client)) co_return false;
    if (peeked == tls::Peek::complete) co_return co_await intercept(client, hello);
    if (peeked == tls::Peek::not_tls) {
        if (is_own_host(client.tunnel->host)) co_return true;
        if (client.listen.transparent && co_await speaks_http(client)) co_return true;
        co_await pass_through(client);
        co_return false;
    }
    if (client.upstream().failed()) report_upstream(client, client.upstream(), client.flow_id());
    report_unclear_client(client);
    co_return false;
}

}  // namespace proxy
