#include "proxy/http/tunnel.h"

#include <exception>
#include <optional>

#include "proxy/io/socket_pair.h"
#include "proxy/stream/stream_pipe.h"

namespace proxy {

namespace http2 = inspect::http2;

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

// A stream as a channel: the connection where all of it is the stream's, else one end of a pair.
struct End {
    // Sets `channel`: nullptr when the system has no descriptor left. `other` is reset with it, for
    // its peer may not read. RFC 8441 §5: a reset of the connection is CANCEL.
    End(io::Loop& loop, Duplex& stream, io::Channel*& channel, io::Channel* const& other) {
        channel = stream.connection();
        if (channel) return;
        auto pair = io::socket_pair(loop);
        if (!pair) return;
        channel = &own.emplace(std::move(pair->second));
        pipe.emplace(stream, std::move(pair->first), http2::ErrorCode::cancel, [&other] {
            if (other) other->socket().reset();
        });
    }
    io::Task<> close(double seconds) {
        if (!pipe) co_return;
        if (own->socket().closed()) pipe->reset();
        own->close();
        co_await pipe->end(seconds);
    }

    std::optional<StreamPipe> pipe;
    std::optional<io::Channel> own;
};

}  // namespace

io::Task<Tunnelled> tunnel(io::Channel& client, io::Channel& server, double idle_timeout, TunnelWatch watch) {
    Tunnelled result;
    io::Child up(pump({client, server, watch.up}, result.up, result, idle_timeout));
    io::Child down(pump({server, client, watch.down}, result.down, result, idle_timeout));
    co_await up.join();
    co_await down.join();
    co_return result;
}

io::Task<Tunnelled> tunnel(io::Loop& loop, Duplex& client, Duplex& server, double idle_timeout, TunnelWatch watch) {
    io::Channel *near_channel = nullptr, *far_channel = nullptr;
    End near(loop, client, near_channel, far_channel), far(loop, server, far_channel, near_channel);
    Tunnelled result{.broken = true};
    std::exception_ptr bug;
    try {
        if (near_channel && far_channel)
            result = co_await tunnel(*near_channel, *far_channel, idle_timeout, std::move(watch));
        else
            client.reset(http2::ErrorCode::internal_error);
    } catch (...) { bug = std::current_exception(); }
    co_await near.close(idle_timeout);
    co_await far.close(idle_timeout);
    if (bug) std::rethrow_exception(bug);
    co_return result;
}

}  // namespace proxy
