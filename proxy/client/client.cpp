#include "proxy/client/client.h"

#include <fmt/format.h>

#include "inspect/report/print/redaction.h"
#include "proxy/client/record.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace {

constexpr double just_opened_ms = 1000;

}  // namespace

Client::Client(ClientContext& clients, io::Socket socket, const ListenAt& listening)
    : context(clients), listen(listening), channel(std::move(socket)) {
    if (const auto peer = channel.socket().peer()) address = peer->to_string();
    id = fmt::format("{:x}",
                     io::now().seconds * 4096 + static_cast<std::int64_t>(services().counters.connections++ % 4096));
}

std::string Client::ip() const { return address.substr(0, address.rfind(':')); }

std::string Client::flow_id() const { return fmt::format("{}-{}", id, exchanges + 1); }

io::Address Client::address_here() { return channel.socket().local().value_or(listen.address); }

bool Client::was_stopped() { return context.stopping() && channel.socket().closed(); }

std::string Client::shown(std::string_view text) const {
    constexpr std::size_t read = 8192, limit = 512;
    return inspect::report::redacted(text.substr(0, read), settings().secrets.names).substr(0, limit);
}

io::Task<> Client::open(Destination destination) {
    renew_upstream(std::move(destination));
    do co_await dial(context.upstream, *upstream);
    while (co_await secure(context.upstream, *upstream));
    upstream->attempt.outside_tunnel = !tunnel;
    report_upstream(*this);
}

void Client::renew_upstream(Destination destination) {
    std::optional<io::Address> before;
    if (tunnel && upstream) before = upstream->address ? upstream->address : upstream->before;
    upstream.emplace(std::move(destination));
    upstream->before = before;
}

// What a server has sent since its last response, its end included, would be taken for the answer
// to the next request. A connection that was opened for a client which then sent nothing may have
// been closed since; but the first request must report an objection to the handshake. A connection
// that the server is about to close is not used either: the request could cross with the close
// (proxy/upstream/reuse).
bool Client::may_reuse(const Destination& destination) {
    if (!upstream || !(upstream->destination == destination) || upstream->failed() || !upstream->open()) return false;
    if (!upstream->reuse.allows(io::clock_ms())) return false;
    const bool just_opened = !upstream->used && io::clock_ms() - upstream->opened < just_opened_ms;
    return just_opened || upstream->channel->is_quiet();
}

void Client::notify(inspect::diagnosis::Diagnosis found) {
    found.client = address;
    notices().tell(found);
}

}  // namespace proxy
