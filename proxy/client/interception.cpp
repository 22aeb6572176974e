// What happens inside a CONNECT (RFC 9110 §9.3.6): the tunnel's client is recognised by its first
// bytes, and intercepted when it speaks TLS. Part of connection.h.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/report/print/escape.h"
#include "proxy/client/connection.h"
#include "proxy/client/foreign.h"
#include "proxy/http/tunnel.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;

namespace {

constexpr double silence = 0.5;  // seconds until a tunnel's client counts as waiting for the server

}  // namespace

io::Task<> Connection::serve_connect(http::RequestHead request) {
    const auto target = http::parse_target(request.method, request.target);
    if (!target) {
        (void)co_await refuse_target(request);
        co_return co_await client_.linger(linger_time);
    }
    (void)requests_.step({});
    if (has_been_here(request)) {
        (void)co_await refuse_loop(*target, request);
        co_return co_await client_.linger(linger_time);
    }
    if (const std::string* agent = request.fields.find("User-Agent")) user_agent_ = agent->substr(0, 512);
    if (!co_await begin_tunnel(*target, passed_proxies(request.fields))) {
        (void)co_await answer_diagnosis(upstream_->attempt, request);
        co_return co_await client_.linger(linger_time);
    }
    if (co_await client_.write(certs::as_bytes("HTTP/1.1 200 Connection Established\r\n\r\n"))) co_await serve_tunnel();
}

// Connects at once when the tunnel is to pass unchanged; false when that fails. Otherwise the
// client's first bytes decide.
io::Task<bool> Connection::begin_tunnel(const http::Target& target, std::string via) {
    tunnel_ = Destination{.host = target.host, .port = target.port, .tls = true, .name = target.host, .sni = "", .alpn = {}};
    tunnel_->via = std::move(via);
    upstream_.emplace(*tunnel_);
    if (!matches_any(settings_.passthrough, target.host)) co_return true;
    upstream_->destination.tls = false;
    co_await dial(context_.upstream, *upstream_);
    report_upstream();
    co_return !upstream_->failed();
}

io::Task<> Connection::serve_tunnel() {
    if (!upstream_->destination.tls) co_return co_await pass_through();
    tls::ClientHello hello;
    client_.socket().set_deadline(settings_.handshake_timeout);
    const tls::Peek peeked = co_await peek(hello);
    client_.socket().clear_deadline();
    if (peeked == tls::Peek::complete) co_return co_await intercept(hello);
    if (peeked == tls::Peek::not_tls && !is_own_host(tunnel_->host)) co_return co_await pass_through();
    if (peeked == tls::Peek::not_tls) {
        requests_ = http::Parser::requests(settings_.limits);
        co_return co_await serve_requests();
    }
    if (upstream_->failed()) report_upstream();
    report_unclear_client();
}

// The protocol of a tunnel's client, by its first bytes; need_more when it left before that was
// clear.
io::Task<tls::Peek> Connection::peek(tls::ClientHello& hello) {
    io::Timer patience(context_.upstream.loop);
    if (client_.buffered().empty()) {
        patience.start(silence, [this] { client_.socket().stop_reading(); });
    }
    for (;;) {
        if (!client_.buffered().empty()) {
            patience.stop();
            tls::PeekResult result = tls::peek_client_hello(client_.buffered());
            if (result.state == tls::Peek::complete) hello = std::move(result.hello);
            if (result.state != tls::Peek::need_more) co_return result.state;
            if (client_.buffered().size() >= io::block_size) co_return tls::Peek::not_tls;
        }
        idle_ = client_.buffered().empty();
        const auto more = co_await client_.fill();
        if (!more && more.error().kind == io::IoError::Kind::cancelled) co_return co_await peek_silent_client(hello);
        idle_ = false;
        if (!more || *more == 0) co_return tls::Peek::need_more;
    }
}

namespace {

// Ends the wait for the client when the server is the first to send something.
io::Task<> listen_to_server(io::Channel& server, io::Channel& client) {
    const auto first = co_await server.fill();
    if (first || first.error().kind != io::IoError::Kind::cancelled) client.socket().stop_reading();
}

}  // namespace

// The client sends nothing: perhaps its protocol lets the server begin (SSH, SMTP). Connects; the
// side that speaks first decides.
io::Task<tls::Peek> Connection::peek_silent_client(tls::ClientHello& hello) {
    if (!is_own_host(tunnel_->host)) co_await dial(context_.upstream, *upstream_);
    tls::Peek state = tls::Peek::need_more;
    std::optional<io::Child> server;
    if (upstream_->open()) server.emplace(listen_to_server(*upstream_->channel, client_));
    while (state == tls::Peek::need_more) {
        const auto more = co_await client_.fill();
        if (!more && more.error().kind == io::IoError::Kind::cancelled) state = tls::Peek::not_tls;
        if (!more || *more == 0) break;
        tls::PeekResult result = tls::peek_client_hello(client_.buffered());
        if (result.state == tls::Peek::complete) hello = std::move(result.hello);
        state = result.state;
    }
    if (server) {
        upstream_->channel->socket().stop_reading();
        co_await server->join();
    }
    idle_ = false;
    co_return state;
}

void Connection::take_hello(const tls::ClientHello& hello) {
    // RFC 6066 §3: a host name. Other bytes are neither sent on nor put into a certificate.
    sni_ = http::parse_target("CONNECT", hello.sni + ":443") && !is_address(hello.sni) ? hello.sni : "";
    hello_ = hello;
}

io::Task<> Connection::intercept(const tls::ClientHello& hello) {
    take_hello(hello);
    client_key_ = client_key(client_address_, hello);
    tunnel_->sni = sni_;
    tunnel_->alpn = passed_on(hello.alpn);
    // A client that names a host in its ClientHello will check the certificate for that name,
    // whatever host its CONNECT named.
    if (!sni_.empty()) tunnel_->name = sni_;

    if (!is_own_host(tunnel_->host)) co_await open_for_tunnel();
    if (client_.socket().closed()) co_return;

    std::vector<std::string> alpn = tunnel_->alpn;
    if (!upstream_->failed() && upstream_->attempt.handshake && !upstream_->attempt.handshake->alpn.empty()) {
        alpn = {upstream_->attempt.handshake->alpn};
    }
    if (!co_await shake_hands(tunnel_->name, alpn)) co_return;
    if (!is_own_host(tunnel_->host) && co_await serve_foreign()) co_return;
    requests_ = http::Parser::requests(settings_.limits);
    co_await serve_requests();
}

// TLS with the client, under a certificate minted for `name`.
io::Task<std::expected<void, tls::HandshakeFailure>> Connection::handshake_with_client(std::string name, std::vector<std::string> alpn) {
    client_.start_tls(tls::Session::server(context_.identities.find(name, io::now()), alpn));
    client_.socket().set_deadline(settings_.handshake_timeout);
    const double started = io::clock_ms();
    const auto done = co_await client_.handshake();
    client_.socket().clear_deadline();
    handshake_end_ = io::clock_ms();
    handshake_ms_ = handshake_end_ - started;
    tunnel_ms_ = handshake_end_ - (tunnel_ ? request_began_ : started);
    co_return done;
}

// The same; false when that failed, which is then reported.
io::Task<bool> Connection::shake_hands(std::string name, std::vector<std::string> alpn) {
    const auto done = co_await handshake_with_client(std::move(name), std::move(alpn));
    if (!done) {
        report_client_failure(done.error());
        client_.close();
    }
    co_return done.has_value();
}

// Runs before the client's own handshake, so that the client gets the ALPN that the server agreed
// to.
io::Task<> Connection::open_for_tunnel() {
    if (upstream_->open()) {
        upstream_->destination = *tunnel_;
    } else {
        renew_upstream(*tunnel_);
        co_await dial(context_.upstream, *upstream_);
    }
    while (co_await secure(context_.upstream, *upstream_)) co_await dial(context_.upstream, *upstream_);
    report_upstream();
}

io::Task<> Connection::pass_through() {
    if (!upstream_->open()) {
        renew_upstream(*tunnel_);
        upstream_->destination.tls = false;
        co_await dial(context_.upstream, *upstream_);
        report_upstream();
        if (upstream_->failed()) co_return;
    }
    co_await relay_bytes();
}

// A protocol inside an intercepted tunnel that is not HTTP passes as bytes, when the server
// verified. False when it is HTTP.
io::Task<bool> Connection::serve_foreign() {
    const bool good = !upstream_->failed() && upstream_->open();
    idle_ = true;
    client_.socket().set_deadline(settings_.idle_timeout);
    const bool foreign = co_await speaks_foreign(client_, good ? &*upstream_->channel : nullptr);
    client_.socket().clear_deadline();
    if (!foreign) co_return false;
    idle_ = false;
    if (!client_key_.empty()) report_client_trust();
    if (good) {
        co_await relay_bytes();
        co_return true;
    }
    notices_.tell("not HTTP " + tunnel_->host, fmt::format("{}: what the client speaks is not HTTP, so it was closed without an answer",
                                                           inspect::report::for_terminal(tunnel_->host, 300)));
    client_.socket().reset();
    co_return true;
}

io::Task<> Connection::relay_bytes() {
    const Tunnelled bytes = co_await tunnel(client_, *upstream_->channel, settings_.idle_timeout);
    http::RequestHead request;
    request.method = "CONNECT";
    request.target = fmt::format("{}:{}", tunnel_->host, tunnel_->port);
    inspect::Flow flow;
    flow.status = 200;
    flow.request_bytes = bytes.up;
    flow.response_bytes = bytes.down;
    if (bytes.idle) flow.idle_seconds = settings_.idle_timeout;
    record(request, std::move(flow));
}

}  // namespace proxy
