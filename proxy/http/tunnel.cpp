#include "proxy/http/tunnel.h"

namespace proxy {

namespace {

struct Way {
    io::Channel& from;
    io::Channel& to;
    const std::function<void(certs::Bytes)>& watch;  // may be empty
};

io::Task<> pump(Way way, std::uint64_t& bytes, Tunnelled& result, double idle_timeout) {
    auto& [from, to, watch] = way;
    for (;;) {
        from.socket().set_deadline(idle_timeout, io::AtDeadline::reset);
        to.socket().set_deadline(idle_timeout, io::AtDeadline::reset);
        if (from.buffered().empty()) {
            const auto more = co_await from.fill();
            // An end without a close_notify is passed on as one: some protocols never send it, and
            // their peers know where they end.
            const bool bare_fin = !more && more.error().kind == io::IoError::Kind::truncated;
            result.broken |= bare_fin;
            if (bare_fin || (more && *more == 0)) {
                co_await to.end(!bare_fin);
                co_return;
            }
            if (!more) break;
        }
        const std::size_t size = from.buffered().size();
        if (watch) watch(from.buffered());
        if (!co_await to.write(from.buffered())) break;
        from.consume(size);
        bytes += size;
    }
    // Only the first of the two to time out counts.
    result.idle |= !result.broken && (from.socket().timed_out() || to.socket().timed_out());
    // Broken, not ended: neither side may take what came so far for the whole.
    result.broken = true;
    from.socket().reset();
    to.socket().reset();
}

}  // namespace

io::Task<Tunnelled> tunnel(io::Channel& client, io::Channel& server, double idle_timeout, TunnelWatch watch) {
    Tunnelled result;
    io::Child up(pump({client, server, watch.up}, result.up, result, idle_timeout));
    io::Child down(pump({server, client, watch.down}, result.down, result, idle_timeout));
    co_await up.join();
    co_await down.join();
    co_return result;
}

}  // namespace proxy
