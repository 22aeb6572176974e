#include "proxy/tunnel.h"

namespace proxy {

namespace {

io::Task<> pump(io::Stream& from, io::Stream& to, std::uint64_t& bytes) {
    for (;;) {
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
    from.close();
    to.close();
}

}  // namespace

io::Task<Tunnelled> tunnel(io::Stream& client, io::Stream& server) {
    Tunnelled bytes;
    io::Child up(pump(client, server, bytes.up));
    io::Child down(pump(server, client, bytes.down));
    co_await up.join();
    co_await down.join();
    co_return bytes;
}

}  // namespace proxy
