#include "proxy/serve/worker.h"

#include <fmt/format.h>

#include "proxy/client/connection.h"
#include "proxy/io/channel.h"

namespace proxy {

namespace {

// Answers a client that has too many connections, before it has sent anything. The connection
// counts while the client reads.
io::Task<> turn_away(Services& services, io::Socket socket, const std::string& ip) {
    constexpr double linger_time = 2;  // seconds
    const std::string body =
        fmt::format("whytls: {} has more than {} connections open (--max-connections-per-client)\n", ip,
                    services.upstream.settings.most_connections_per_client);
    const std::string wire = fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nRetry-After: 1\r\n"
        "Cache-Control: no-store\r\nProxy-Status: whytls; error=proxy_internal_response\r\nConnection: close\r\n\r\n{}",
        body.size(), body);
    services.report_crowd(ip);
    io::Channel client(std::move(socket));
    if (co_await client.write(certs::as_bytes(wire))) co_await client.linger(linger_time);
}

io::Task<> serve_connection(ClientContext& context, io::Socket socket, const ListenAt& listen) {
    const auto peer = socket.peer();
    if (!peer) co_return;  // the client has left
    const ClientLimit::Seat seat(context.services.open_connections, peer->ip());
    const std::size_t most = context.services.upstream.settings.most_connections_per_client;
    if (seat.number() > 2 * most) co_return;  // turning clients away must not cost what it saves
    if (seat.number() > most) co_return co_await turn_away(context.services, std::move(socket), peer->ip());
    ClientConnection connection(context, std::move(socket), listen);
    co_await connection.run();
}

}  // namespace

std::expected<io::Address, std::string> Worker::listen(const ListenAt& listen, const io::Address& address,
                                                       bool shared) {
    const auto accepted = [this, &listen](io::Socket socket) {
        io::spawn(serve_connection(clients, std::move(socket), listen), [this](const std::exception& bug) {
            clients.services.upstream.notices.say(fmt::format("whytls: bug: {}", bug.what()));
        });
    };
    io::Binding binding{.shared = shared, .transparent = listen.transparent};
    if (!listen.live) binding.make = clients.services.upstream.near_network;
    auto listener =
        io::Listener::open(loop, address, binding, accepted, [this] { clients.services.report_exhaustion(); });
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back(std::move(*listener));
    return listeners.back().address();
}

void Worker::stop() {
    clients.upstream.stopping = true;
    for (io::Listener& listener : listeners) listener.close();
    for (auto each = clients.connections.begin(); each != clients.connections.end();) (*each++)->close_if_idle();
}

void Worker::stop_at_once() {
    clients.upstream.stopping = true;
    loop.close_all();
}

}  // namespace proxy
