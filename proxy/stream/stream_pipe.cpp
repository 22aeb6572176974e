#include "proxy/stream/stream_pipe.h"

#include "proxy/io/loop.h"

namespace proxy {

StreamPipe::StreamPipe(Duplex& stream, io::Socket end, inspect::http2::ErrorCode broken, std::function<void()> at_reset)
    : stream_(stream),
      end_(std::move(end)),
      broken_(broken),
      at_reset_(std::move(at_reset)),
      down_(pass_down()),
      up_(pass_up()),
      reset_(pass_reset()) {}

io::Task<> StreamPipe::pass_down() {
    for (;;) {
        const auto more = co_await end_.fill();
        if (!more) co_return stream_.reset(broken_);
        if (*more == 0) co_return (void) co_await stream_.finish({}, {});
        if (!co_await stream_.write(end_.buffered())) co_return end_.socket().reset();
        end_.consume(end_.buffered().size());
    }
}

io::Task<> StreamPipe::pass_up() {
    Body& body = stream_.body();
    for (;;) {
        const Piece piece = body.here();
        const bool taken = piece.bytes.empty() || (co_await end_.write(piece.bytes)).has_value();
        body.consume();
        if (!taken) co_return;  // the other end is closed, which pass_down() tells the peer
        if (piece.next == Piece::Next::end) co_return co_await end_.end();
        if (piece.next == Piece::Next::go_on) continue;
        const Arrival arrival = piece.next == Piece::Next::wait ? co_await body.more() : Arrival::cut;
        if (arrival == Arrival::cut) co_return end_.socket().reset();
        if (arrival == Arrival::cancelled) co_return;
    }
}

io::Task<> StreamPipe::pass_reset() {
    if (!co_await stream_.watch()) co_return;
    end_.socket().reset();
    at_reset_();
}

io::Task<> StreamPipe::end(double seconds) {
    io::Timer patience(end_.socket().loop());
    if (seconds > 0) patience.start(seconds, [this] { stream_.reset(broken_); });
    co_await down_.join();
    stream_.stop_reading();
    end_.close();
    co_await up_.join();
    stream_.stop_watching();
    co_await reset_.join();
}

}  // namespace proxy
