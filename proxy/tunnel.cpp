#include "proxy/tunnel.h"

namespace proxy {

namespace {

io::Task<> pump(io::Stream& from, io::Stream& to, std::uint64_t& bytes, double idle_timeout) {
    for (;;) {
        from.socket().set_deadline(idle_timeout);
        to.socket().set_deadline(idle_timeout);
        if (from.buffered().empty()) {
            const auto more = co_await from.fill();
            if (!more) break;
            if (*more == 0) {
                co_await to.end();
                co_return;
            }
        }
        const std::size_t size = from.buffered().size();
        if (!co_await to.write(from.buffered())) break;
        from.consume(size);
        bytes += size;
    }
    // Broken, not ended: neither side may take what came so far for the whole.
    from.socket().reset();
    to.socket().reset();
}

}  // namespace

io::Task<Tunnelled> tunnel(io::Stream& client, io::Stream& server, double idle_timeout) {
    Tunnelled bytes;
    io::Child up(pump(client, server, bytes.up, idle_timeout));
    io::Child down(pump(server, client, bytes.down, idle_timeout));
    co_await up.join();
    co_await down.join();
    co_return bytes;
}

}  // namespace proxy
