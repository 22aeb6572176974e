// The request's half of an exchange: its head and body towards the server, and whether it can be
// sent again.
#include <algorithm>
#include <array>

#include "proxy/http/exchange_story.h"
#include "proxy/upstream/parent_proxy.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;
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

std::string Exchange::head_for_server() const {
    const Destination& destination = upstream_.destination;
    if (const ParentProxy* parent = upstream_.forwarder)
        return http::to_wire(for_parent(request_, *parent, destination.host, destination.port, options_.pseudonym));
    const bool passes_marks = upstream_.leads_near();
    const bool has_marks = request_.fields.has("CDN-Loop") && !passes_marks;
    if (!request_.fields.has("Via") && !has_marks && !options_.marked) return http::to_wire(request_);
    http::RequestHead head = request_;
    hide_whytls(head.fields);
    if (!passes_marks) hide_marks(head.fields);
    if (options_.marked) mark(head.fields, options_.pseudonym);
    return http::to_wire(head);
}

// RFC 9110 §10.1.1: the client withholds its body until it receives 100 (Continue) or a final
// status, or nothing for too long.
bool Exchange::awaits_continue() const {
    return !taken_ && !continued_ && request_.version.minor != 0 && request_.fields.has_token("Expect", "100-continue");
}

// RFC 9110 §15.5.18: after a 417 the client sends its request again without the expectation. curl
// does so only where the connection is not announced to end. It notices the end when it uses the
// connection again, and opens another.
bool Exchange::announces_close(int status) const { return status != 417 || !awaits_continue() || body_begun_; }

// The final status was sent to the client instead of a 100, and the client has sent nothing of its
// body. It may send the body or leave it out, so what it sends next could be either. None of that
// is read as a body, and both connections end.
io::Task<> Exchange::abandon_body() {
    keep_client_ = keep_upstream_ = false;
    client_.socket().stop_reading();
    if (!cut_short_ && !client_gone_) co_await server_.end();
}

// Whether the connection was closed while it was idle, so that the close crossed with this request,
// and whether the request can be sent over another connection. A server that took longer may have
// been processing it.
bool Exchange::closed_while_idle() {
    const bool nothing_came = failure_ && failure_->kind == diagnosis::HttpFailure::Kind::closed && first_bytes_.empty();
    if (!reused_ || !nothing_came || client_gone_ || bad_request_ || stalled_) return false;
    if (!is_idempotent(request_.method) && io::clock_ms() - sent_at_ > longest_crossing_ms) return false;
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
        kept_ = {};
}

// False when the server does not take it.
io::Task<bool> Exchange::send_again(const SentBody& body) {
    body_begun_ = !body.bytes.empty();
    flow_.request_bytes = body.bytes.size();
    co_return (co_await server_.write(body.bytes)).has_value();
}

io::Task<> Exchange::send_request() {
    if (options_.again && !co_await send_again(*options_.again)) co_return;
    co_await send_body();
    if (request_done_ && !requests_.has_body()) co_await watch_client();
}

// Once the response is complete, ends an upload that makes no progress.
void Exchange::bound_upload() {
    if (!response_done_ || request_done_) return;
    const double patience = options_.response_timeout > 0 ? std::min(options_.response_timeout, upload_patience) : upload_patience;
    client_.socket().set_deadline(patience);
    server_.socket().set_deadline(patience);
}

// Ends a begun response that makes no progress, because the server sends nothing or the client
// reads nothing.
void Exchange::renew_deadlines() {
    if (response_done_) return;
    server_.socket().set_deadline(options_.idle_timeout);                         // first: its silence is reported
    client_.socket().set_deadline(options_.idle_timeout, io::AtDeadline::reset);  // due in the same round of the loop
}

// A client that uploads may pause. Only where it waits for a 100 (RFC 9110 §10.1.1) is it the
// server's turn. Until a response begins, the client can still be told that its request made no
// progress (§15.5.9), so this only ends the reading.
void Exchange::allow_pause() {
    if (begun_) return;
    const bool waits_itself = awaits_continue() && !body_begun_;
    if (!waits_itself) server_.socket().clear_deadline();
    if (options_.idle_timeout <= 0 || (waits_itself && options_.response_timeout > 0)) return;
    if (!patience_) patience_.emplace(client_.socket().loop());
    patience_->start(options_.idle_timeout, [this] {
        if (begun_ || !head_.empty()) return;
        stalled_ = true;
        client_.socket().stop_reading();
    });
}

void Exchange::end_pause() {
    if (patience_) patience_->stop();
    if (!begun_) server_.socket().set_deadline(options_.response_timeout);
}

io::Task<bool> Exchange::send_piece(http::Step step) {
    body_begun_ = true;
    const certs::Bytes piece = as_passed(requests_, step, client_.buffered(), sent_);
    keep(piece);
    const bool sent = piece.empty() || (co_await server_.write(piece)).has_value();
    client_.consume(step.used);
    flow_.request_bytes += piece.size();
    sent_at_ = io::clock_ms();
    if (!sent) co_return false;
    if (!begun_) server_.socket().set_deadline(options_.response_timeout);
    if (begun_) renew_deadlines();
    bound_upload();
    co_return true;
}

io::Task<> Exchange::send_body() {
    while (!taken_) {
        const http::Step step = requests_.step(client_.buffered());
        if (step.event == http::Event::failed) {
            bad_request_ = true;
            server_.close();
            co_return;
        }
        // When the server does not take it, it may have answered already: then the response
        // decides.
        taken_ = step.event == http::Event::end;
        if (step.used > 0 && !co_await send_piece(step)) co_return;
        if (step.event == http::Event::more) {
            allow_pause();
            const auto more = co_await client_.fill();
            end_pause();
            if (stalled_) {
                server_.close();
                co_return;
            }
            if (!more && more.error().kind == io::IoError::Kind::cancelled) co_return;
            if (!more || *more == 0) {
                client_gone_ = true;
                server_.close();
                co_return;
            }
        }
    }
    request_done_ = true;
}

// While the server is thinking, a client that resets its connection ends the request. What it sends
// early waits in the buffer.
io::Task<> Exchange::watch_client() {
    while (client_.buffered().size() < io::block_size / 2 && !client_.peer_ended()) {
        const auto more = co_await client_.fill();
        if (more) continue;
        if (more.error().kind == io::IoError::Kind::reset) {
            client_gone_ = true;
            server_.close();
        }
        co_return;
    }
}

}  // namespace proxy
