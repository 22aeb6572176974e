#include "proxy/stream/http2_stream.h"

#include <utility>

namespace proxy {

namespace http2 = inspect::http2;

namespace {

constexpr std::size_t spare = 65'536;  // memory that a stream keeps for content to come

}  // namespace

Piece Http2Body::here() {
    if (piece_.empty()) piece_.swap(stream_.content);
    const bool last = stream_.ended && stream_.content.empty();
    return {last                      ? Piece::Next::end
            : stream_.content.empty() ? Piece::Next::wait
                                      : Piece::Next::go_on,
            piece_, piece_.size()};
}

void Http2Body::consume() {
    if (piece_.empty()) return;
    connection_.consumed(stream_, piece_.size());
    piece_.clear();
    if (piece_.capacity() > spare) piece_ = certs::ByteVector();
}

io::Task<Arrival> Http2Body::more() {
    waiting_ = true;
    while (stream_.content.empty() && !stream_.ended && !stream_.reset && waiting_) co_await stream_.came.wait();
    const bool cancelled = !std::exchange(waiting_, false);
    if (!stream_.content.empty() || stream_.ended) co_return Arrival::more;
    co_return stream_.reset || !cancelled ? Arrival::cut : Arrival::cancelled;
}

io::Task<bool> Http2Body::await_reset() {
    waiting_ = true;
    while (!stream_.reset && waiting_) co_await stream_.came.wait();
    waiting_ = false;
    co_return stream_.reset.has_value();
}

void Http2Body::stop_reading() {
    if (std::exchange(waiting_, false)) stream_.came.notify();
}

io::Task<bool> watch(Http2Stream& stream) {
    stream.watched = true;
    while (!stream.reset && stream.watched) co_await stream.came.wait();
    stream.watched = false;
    co_return stream.reset.has_value();
}

void stop_watching(Http2Stream& stream) {
    if (std::exchange(stream.watched, false)) stream.came.notify();
}

io::Task<bool> offer(Http2Connection& connection, Http2Stream& stream, certs::Bytes content) {
    if (stream.reset || content.empty()) co_return !stream.reset;
    const auto offered = connection.session().offer(stream.id, content, false);
    stream.taken = offered != http2::Session::Offer::waiting;
    connection.changed();
    while (!stream.taken) co_await stream.came.wait();
    co_return offered != http2::Session::Offer::gone && !stream.reset;
}

bool finish(Http2Connection& connection, Http2Stream& stream, const inspect::http::Fields& trailers) {
    if (stream.reset) return false;
    http2::Session& session = connection.session();
    const bool sent = trailers.size() == 0 ? session.finish(stream.id) : session.finish(stream.id, trailers);
    connection.changed();
    return sent;
}

}  // namespace proxy
