#include "proxy/stream/http1_body.h"

#include <limits>

namespace proxy {

namespace http = inspect::http;

namespace {

Piece::Next next_of(http::Event event) {
    switch (event) {
        case http::Event::more: return Piece::Next::wait;
        case http::Event::end: return Piece::Next::end;
        case http::Event::failed: return Piece::Next::failed;
        case http::Event::head:
        case http::Event::body: break;
    }
    return Piece::Next::go_on;
}

}  // namespace

Piece Http1Body::here() {
    if (taken_) return piece_;
    const http::Step step = parser_.step(channel_.buffered());
    piece_ = {next_of(step.event), as_passed(step), step.used};
    taken_ = true;
    failed_ |= step.event == http::Event::failed;
    return piece_;
}

void Http1Body::consume() {
    channel_.consume(piece_.size);
    taken_ = false;
}

// A trailer section may not pass as it came: what passes instead is made in `made_`.
certs::Bytes Http1Body::as_passed(http::Step step) {
    if (chunks_) {
        made_.clear();
        std::size_t used = 0;
        // The parser has already accepted it.
        CHECK_STATE(chunks_->take(channel_.buffered().first(step.used), used, &made_).has_value());
        return made_;
    }
    const certs::Bytes piece = channel_.buffered().first(step.used - step.held);
    const std::string_view trailers = step.event == http::Event::end ? parser_.trailers() : "";
    if (trailers.empty()) return piece;
    made_.assign(piece.begin(), piece.end());
    made_.insert(made_.end(), trailers.begin(), trailers.end());
    return made_;
}

// Content that is delimited by the connection's close may end without a close_notify (RFC 9112
// §9.8), whichever side closed: old servers do so, and clients accept it. It is then passed on
// unchanged, for the client to judge.
io::Task<Arrival> Http1Body::more() {
    const auto more = co_await channel_.fill();
    if (more && *more > 0) co_return Arrival::more;
    if (!more && more.error().kind == io::IoError::Kind::cancelled) co_return Arrival::cancelled;
    const bool bare_fin = !more && more.error().kind == io::IoError::Kind::truncated;
    ended_ = true;
    if (!more) error_ = more.error();
    const bool complete =
        parser_.body_until_close() && (more || bare_fin) && parser_.finish().event == http::Event::end;
    no_close_notify_ = complete && bare_fin;
    co_return complete ? Arrival::end : Arrival::cut;
}

void Http1Body::unframe() {
    const bool chunked = parser_.has_body() && !parser_.content_length() && !parser_.body_until_close();
    // The parser bounds the trailers.
    if (chunked) chunks_.emplace(std::numeric_limits<std::size_t>::max());
}

http::Fields Http1Body::trailers() const { return chunks_ ? chunks_->trailer_fields() : http::Fields(); }

void Http1Body::restart() {
    chunks_.reset();
    taken_ = false;
}

}  // namespace proxy
