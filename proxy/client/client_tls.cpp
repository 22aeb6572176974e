#include "proxy/client/client_tls.h"

#include "inspect/diagnosis/explain/client_failure.h"
#include "proxy/client/client_report.h"
#include "proxy/client/record.h"
#include "proxy/http/respond.h"
#include "proxy/http/route.h"
#include "proxy/io/clock.h"
#include "proxy/stream/http1_server.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

namespace {

// Reads up to the end of the ClientHello.
io::Task<tls::Peek> peek_at_listener(Client& client) {
    io::Channel& channel = client.channel;
    channel.socket().set_deadline(client.settings().handshake_timeout);
    tls::PeekResult peeked = tls::peek_client_hello(channel.buffered());
    while (peeked.state == tls::Peek::need_more && channel.buffered().size() < io::block_size) {
        const auto more = co_await channel.fill();
        if (!more || *more == 0) co_return tls::Peek::need_more;
        peeked = tls::peek_client_hello(channel.buffered());
    }
    channel.socket().clear_deadline();
    if (peeked.state == tls::Peek::complete) take_hello(client, peeked.hello);
    co_return peeked.state == tls::Peek::need_more ? tls::Peek::not_tls : peeked.state;
}

std::string name_at_listener(Client& client) {
    return client.tls.sni.empty() ? client.address_here().ip() : client.tls.sni;
}

io::Task<std::expected<void, tls::HandshakeFailure>> handshake(Client& client, std::string name,
                                                               std::vector<std::string> alpn) {
    client.channel.start_tls(tls::Session::server(client.context.identities.find(name, io::now()), alpn,
                                                  client.services().upstream.key_log.sink()));
    client.channel.socket().set_deadline(client.settings().handshake_timeout);
    const double started = io::clock_ms();
    const auto done = co_await client.channel.handshake();
    client.channel.socket().clear_deadline();
    client.tls.handshake_end_ms = io::clock_ms();
    client.tls.handshake_ms = client.tls.handshake_end_ms - started;
    client.tls.shown.reset();  // of an outer TLS
    client.program.reset();    // the ClientHello has its say in it
    client.tunnel_ms = client.tls.handshake_end_ms - (client.tunnel ? client.began_ms : started);
    co_return done;
}

// The client speaks HTTP to the https port. The answer is in the clear too, as nginx answers it.
io::Task<> answer_in_the_clear(Client& client) {
    const diagnosis::Diagnosis found = report_without_tls(client);
    Http1Server stream(client.channel, client.settings().limits);
    (void)co_await send(stream, diagnostic_answer(found, {}, Reader{.detail = client.settings().detail}), "",
                        {.last = true}, 0);
    co_await client.channel.linger(linger_time);
}

}  // namespace

void take_hello(Client& client, const tls::ClientHello& hello) {
    // RFC 6066 §3: a host name. Other bytes are neither sent on nor put into a certificate.
    client.tls.sni = http::parse_target("CONNECT", hello.sni + ":443") && !is_address(hello.sni) ? hello.sni : "";
    client.tls.hello = hello;
}

diagnosis::Diagnosis report_without_tls(Client& client) {
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::not_tls;
    failure.first_bytes = std::string(certs::as_text(client.channel.buffered()).substr(0, 512));
    diagnosis::Diagnosis found = report_client_failure(client, failure);
    found.status = 400;
    return found;
}

io::Task<bool> shake_hands(Client& client, std::string name, std::vector<std::string> alpn) {
    const auto done = co_await handshake(client, std::move(name), std::move(alpn));
    if (!done) {
        report_client_failure(client, done.error());
        client.channel.close();
    }
    co_return done.has_value();
}

io::Task<bool> accept_tls(Client& client) {
    const tls::Peek peeked = co_await peek_at_listener(client);
    if (peeked == tls::Peek::not_tls) co_await answer_in_the_clear(client);
    co_return peeked ==
        tls::Peek::complete&& co_await shake_hands(client, name_at_listener(client), {"h2", "http/1.1"});
}

io::Task<> refuse_tls(Client& client) {
    diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.proxy_address = client.address_here().to_string();
    diagnosis::RequestRejected seen;
    seen.first_bytes = std::string(certs::as_text(client.channel.buffered()).substr(0, 64));
    seen.at_reverse = true;
    attempt.failure = std::move(seen);
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    report_unanswered(client, found);
    if (co_await peek_at_listener(client) != tls::Peek::complete) co_return;
    if (!co_await handshake(client, name_at_listener(client), {"http/1.1"})) co_return client.channel.close();
    Http1Server stream(client.channel, client.settings().limits);
    const Http1Server::Next next = co_await stream.next(client.settings().idle_timeout, true);
    if (next == Http1Server::Next::gone) co_return client.channel.close();
    const http::RequestHead request = next == Http1Server::Next::request ? stream.request() : http::RequestHead{};
    (void)co_await send(stream, diagnostic_answer(found, request, reader_of(client.settings(), attempt, request)),
                        request.method, {.last = true}, client.settings().idle_timeout);
    co_await client.channel.linger(linger_time);
}

}  // namespace proxy
