// The request's half of an exchange: its content towards the server, and whether it can be
// sent again.
#include <algorithm>
#include <array>

#include "proxy/http/exchange_story.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double upload_patience = 30;  // seconds without progress, once the response is complete
// Of a body that was sent over a reused connection; kept until something comes back. A longer body
// is not sent again. The kernel takes a megabyte of it before it is known that no one reads at the
// other end.
constexpr std::size_t most_kept = 1'048'576;
// After the last of a request was sent: a connection that is closed later than this was not closed
// while it was idle.
constexpr double longest_crossing_ms = 2000;

// RFC 9110 §9.2.2: repeating the request changes nothing.
bool is_idempotent(std::string_view method) {
    constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    return std::ranges::find(methods, method) != methods.end();
}

}  // namespace

// RFC 9110 §10.1.1: the client withholds its content until it receives 100 (Continue) or a final
// status, or nothing for too long.
bool Exchange::awaits_continue() const {
    return !taken_ && !continued_ && request_.version.minor != 0 && request_.fields.has_token("Expect", "100-continue");
}

// The final status was sent to the client instead of a 100, and the client has sent nothing of its
// content. It may send it or leave it out, so what it sends next could be either. None of that is
// read as content, and both connections end.
io::Task<> Exchange::abandon_content() {
    client_.stop_reading();
    if (!cut_short_ && !client_gone_) co_await server_.end();
}

// Whether the server said that it has not processed the request, or its connection was closed while
// it was idle, so that the close crossed with this request; and whether the request can be sent over
// another connection. A server that took longer to close may have been processing it.
bool Exchange::was_unprocessed() {
    if (!failure_ || client_gone_ || bad_request_ || stalled_) return false;
    if (server_.is_unprocessed()) return keeping_;
    const bool nothing_came = failure_->kind == diagnosis::HttpFailure::Kind::closed && !server_.has_answered();
    const bool about_tls = server_.is_first_after_resumption();
    if (nothing_came && (server_.is_unsure() || about_tls) && is_idempotent(request_.method)) return keeping_;
    if (!nothing_came || !server_.used_before() || failure_->http2) return false;
    // HTTP/2 has ways to say so; where it did not, other streams may be why the server closed.
    const bool may_be_late = !server_.takes_framing() || io::clock_ms() - sent_at_ > longest_crossing_ms;
    if (!is_idempotent(request_.method) && may_be_late) return false;
    failure_->while_idle = true;
    return keeping_;
}

// What is sent over a reused connection may have to be sent over another one.
void Exchange::keep(certs::Bytes piece) {
    if (!keeping_) return;
    keeping_ = kept_.size() + piece.size() <= most_kept;
    if (keeping_)
        kept_.insert(kept_.end(), piece.begin(), piece.end());
    else
        kept_ = certs::ByteVector();
}

// False when the server does not take it.
io::Task<bool> Exchange::send_again(const SentBody& body) {
    content_begun_ = !body.bytes.empty();
    flow_.request_bytes = body.bytes.size();
    co_return co_await server_.write(body.bytes);
}

io::Task<> Exchange::send_request() {
    if (options_.again && !co_await send_again(*options_.again)) co_return;
    co_await send_content();
    // While the server is thinking, a client that resets its connection ends the request.
    if (!request_done_ || response_done_ || !co_await client_.is_reset()) co_return;
    client_left();
}

// A stream of a client that shows that it is there has the exchange's only deadline, and then it is
// the server that is silent, unless a piece of its response waits for the client.
void Exchange::client_left() {
    stood_still_ = begun_ && !writing_ && client_.timed_out();
    client_gone_ |= !stood_still_;
    server_.reset(client_.reset_code());
}

// Once the response is complete, ends an upload that makes no progress.
void Exchange::bound_upload() {
    if (!response_done_ || request_done_) return;
    const double patience =
        options_.response_timeout > 0 ? std::min(options_.response_timeout, upload_patience) : upload_patience;
    client_.set_deadline(patience);
    server_.set_deadline(patience);
}

// Ends a begun response that makes no progress, because the server sends nothing or the client
// reads nothing.
void Exchange::renew_deadlines() {
    if (response_done_) return;
    // First: the server's silence is reported. But a client that shows that it waits for the server
    // decides by itself how long.
    server_.set_deadline(client_.alive_ms() > 0 ? 0 : options_.idle_timeout);
    client_.set_deadline(options_.idle_timeout, io::AtDeadline::reset);  // due in the same round of the loop
}

// A client that uploads may pause. Only where it waits for a 100 (RFC 9110 §10.1.1) is it the
// server's turn. Until a response begins, the client can still be told that its request made no
// progress (§15.5.9), so this only ends the reading.
void Exchange::allow_pause() {
    if (begun_) return;
    const bool waits_itself = is_content_unread();
    if (!waits_itself) server_.set_deadline(0);
    if (options_.idle_timeout <= 0 || (waits_itself && options_.response_timeout > 0)) return;
    if (!patience_) patience_.emplace(options_.loop);
    end_stall(options_.idle_timeout);
}

void Exchange::end_stall(double seconds) {
    patience_->start(seconds, [this] {
        if (begun_) return;
        const double left = client_.alive_ms() / 1000 + options_.idle_timeout - io::clock_ms() / 1000;
        if (client_.alive_ms() > 0 && left > 0) return end_stall(left);
        stalled_ = true;
        client_.stop_reading();
    });
}

void Exchange::end_pause() {
    if (patience_) patience_->stop();
    if (!begun_) server_.set_deadline(options_.response_timeout);
}

io::Task<bool> Exchange::send_piece(const Piece& piece, const Body& content) {
    content_begun_ = true;
    keep(piece.bytes);
    if (options_.tap) options_.tap->request_content(piece.bytes);
    const bool sent = co_await server_.pass(piece, content);
    flow_.request_bytes += piece.bytes.size();
    sent_at_ = io::clock_ms();
    if (!sent) co_return false;
    if (begun_)
        renew_deadlines();
    else
        server_.set_deadline(options_.response_timeout);
    bound_upload();
    co_return true;
}

io::Task<> Exchange::send_content() {
    Body& content = client_.body();
    while (!taken_) {
        const Piece piece = content.here();
        if (piece.next == Piece::Next::failed) {
            bad_request_ = true;
            server_.close();
            co_return;
        }
        // When the server does not take it, it may have answered already: then the response
        // decides.
        taken_ = piece.next == Piece::Next::end;
        const bool finishes = taken_ && server_.delimits();
        const bool sent = (piece.size == 0 && !finishes) || co_await send_piece(piece, content);
        content.consume();
        if (!sent) co_return;
        if (piece.next != Piece::Next::wait) continue;
        allow_pause();
        const Arrival arrival = co_await content.more();
        end_pause();
        if (arrival == Arrival::more) continue;
        if (!stalled_ && arrival != Arrival::cancelled) client_left();
        if (client_gone_ || stalled_) server_.reset(client_.reset_code());
        co_return;
    }
    if (options_.tap) options_.tap->request_ends(content.trailers());
    request_done_ = true;
}

}  // namespace proxy
