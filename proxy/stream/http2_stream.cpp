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

io::Task<bool> offer(Http2Connection& connection, Http2Stream& stream, certs::Bytes content, bool ends) {
    if (stream.reset || (content.empty() && !ends)) co_return !stream.reset;
    const auto offered = connection.session().offer(stream.id, content, ends);
    stream.taken = offered != http2::Session::Offer::waiting;
    connection.changed();
    while (!stream.taken) co_await stream.came.wait();
    co_return offered != http2::Session::Offer::gone && !stream.reset;
}

io::Task<bool> finish(Http2Connection& connection, Http2Stream& stream, certs::Bytes last,
                      inspect::http::Fields trailers) {
    if (trailers.size() == 0) co_return co_await offer(connection, stream, last, true);
    if (!co_await offer(connection, stream, last) || stream.reset) co_return false;
    const bool sent = connection.session().finish(stream.id, trailers);
    connection.changed();
    co_return sent;
}

}  // namespace proxy
