#include "proxy/stream/receive.h"

namespace proxy {

namespace {

constexpr int most_interim = 8;  // 1xx responses before the final one

NotReceived why_not(const ClientStream& stream) {
    using Kind = inspect::diagnosis::HttpFailure::Kind;
    switch (stream.failure().kind) {
        case Kind::not_http: return NotReceived::not_http;
        case Kind::timed_out: return NotReceived::timed_out;
        case Kind::closed: break;
    }
    return NotReceived::closed;
}

}  // namespace

io::Task<std::expected<void, NotReceived>> receive_head(ClientStream& stream) {
    for (int interim = 0; co_await stream.head();) {
        const int status = stream.response().status;
        if (status >= 200) co_return std::expected<void, NotReceived>();
        if (++interim > most_interim || status == 101) co_return std::unexpected(NotReceived::interim);
    }
    co_return std::unexpected(why_not(stream));
}

io::Task<std::expected<void, NotReceived>> receive_content(ClientStream& stream, std::size_t largest,
                                                           certs::ByteVector& content) {
    Body& body = stream.body();
    body.unframe();
    for (std::size_t received = 0;;) {
        const Piece piece = body.here();
        received += piece.size;
        content.insert(content.end(), piece.bytes.begin(), piece.bytes.end());
        body.consume();
        if (received > largest) co_return std::unexpected(NotReceived::too_large);
        if (piece.next == Piece::Next::end) co_return std::expected<void, NotReceived>();
        if (piece.next == Piece::Next::failed) co_return std::unexpected(why_not(stream));
        if (piece.next != Piece::Next::wait) continue;
        const Arrival arrival = co_await body.more();
        if (arrival == Arrival::end) co_return std::expected<void, NotReceived>();
        if (arrival != Arrival::more) co_return std::unexpected(why_not(stream));
    }
}

}  // namespace proxy
