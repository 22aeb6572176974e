#include "proxy/upstream/servers.h"

#include <algorithm>

#include "proxy/io/clock.h"

namespace proxy {

namespace http2 = inspect::http2;

namespace {

constexpr double just_opened_ms = 1000;
constexpr std::size_t most_unused = 32;  // connections that no request uses

}  // namespace

void Server::begin_http2() {
    const auto& handshake = upstream.attempt.handshake;
    if (http2 || !upstream.open() || !handshake || handshake->alpn != "h2") return;
    http2 = std::make_unique<Http2Connection>(*upstream.channel, http2::Session::client({}), &context.wide_windows);
    running = std::make_unique<io::Child>(http2->run());
}

Opening::~Opening() {
    server_.opening = false;
    server_.begin_http2();
    server_.opened.notify();
}

// What a server of HTTP/1.1 has sent since its last response, its end included, would be taken for
// the answer to the next request. A connection that was opened for a client which then sent nothing
// may have been closed since; but the first request must report an objection to the handshake. A
// connection that the server is about to close is not used either: the request could cross with the
// close (proxy/upstream/reuse).
// Most of a client's connections carry a request when another comes: that is asked first, for it is one look at each.
bool Server::may_carry(const Destination& destination) {
    if (opening || (lent > 0 && !http2) || !(upstream.destination == destination)) return false;
    if (upstream.failed() || !upstream.open() || is_of_former_keyring()) return false;
    begin_http2();
    if (http2) return !http2->is_silent() && !http2->has_ended() && http2->session().can_request();
    if (!upstream.reuse.allows(io::clock_ms())) return false;
    const bool just_opened = !upstream.used && io::clock_ms() - upstream.opened < just_opened_ms;
    return just_opened || upstream.channel->is_quiet();
}

Server* Servers::find(const Destination& destination) {
    const auto found = std::ranges::find_if(servers_, [&](Server& each) { return each.may_carry(destination); });
    return found == servers_.end() ? nullptr : &*found;
}

Server* Servers::find_opening(const Destination& destination) {
    const auto found = std::ranges::find_if(
        servers_, [&](const Server& each) { return each.opening && each.upstream.destination == destination; });
    return found == servers_.end() ? nullptr : &*found;
}

Server& Servers::begin(Destination destination, bool keeps_others) {
    close_unused(destination, keeps_others);
    return servers_.emplace_back(std::move(destination), context_);
}

// A connection that carries HTTP/2 ends only when what it runs has ended.
void Servers::close_unused(const Destination& destination, bool keeps_others) {
    std::size_t unused = 0;
    for (auto each = servers_.begin(); each != servers_.end();) {
        const auto next = std::next(each);
        const bool wanted = keeps_others && each->upstream.open() && !each->is_of_former_keyring() &&
                            !(each->upstream.destination == destination) && ++unused <= most_unused;
        if (each->lent == 0 && !each->opening && !wanted) {
            if (each->upstream.open()) each->upstream.channel->close();
            closing_.splice(closing_.end(), servers_, each);
        }
        each = next;
    }
    std::erase_if(closing_, [](const Server& each) { return !each.running || each.running->is_done(); });
}

void Servers::abandon() {
    for (Server& each : servers_)
        if (each.lent > 0 && !each.opening && !each.http2 && each.upstream.open())
            each.upstream.channel->socket().reset();
}

io::Task<> Servers::end() {
    closing_.splice(closing_.end(), servers_);
    for (Server& each : closing_)
        if (each.upstream.open()) each.upstream.channel->close();
    for (Server& each : closing_)
        if (each.running) co_await each.running->join();
}

bool Servers::speak_http2() const {
    return std::ranges::any_of(servers_, [](const Server& each) { return each.http2 != nullptr; }) || !closing_.empty();
}

}  // namespace proxy
