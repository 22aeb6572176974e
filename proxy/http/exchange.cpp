#include "proxy/http/exchange.h"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>

#include "inspect/http/http1/chunked.h"
#include "inspect/http/keep_alive.h"
#include "inspect/http/proxy_status.h"
#include "inspect/http/upgrade.h"
#include "proxy/io/clock.h"
#include "proxy/upstream/parent_proxy.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

// A head and the first of its body are sent in one write up to this size.
constexpr std::size_t joined_body = 16'384;
constexpr double upload_patience = 30;           // seconds without progress, once the response is complete
constexpr std::string_view own_name = "whytls";  // in Proxy-Status: what servers send under this name is not whytls's
constexpr int most_interim = 64;                 // 1xx responses before the final one
constexpr std::size_t most_shown = 512;          // first bytes kept of what is not HTTP
// Of a body that was sent over a reused connection; kept until something comes back. A longer body
// is not sent again. The kernel takes a megabyte of it before it is known that no one reads at the
// other end.
constexpr std::size_t most_kept = 1'048'576;
// After the last of a request was sent: a connection that is closed later than this was not closed
// while it was idle.
constexpr double longest_crossing_ms = 2000;

// What a parent proxy reports about itself looks like what a server reports. It is passed on
// unchanged, and marked with who was asked (RFC 9209 §2.1.2).
bool is_refusal(int status) { return status == 403 || (status >= 502 && status <= 504); }
std::string next_hop(const ParentProxy& parent) { return "whytls; next-hop=\"" + authority(parent) + '"'; }

// RFC 9110 §9.2.2: repeating the request changes nothing.
bool is_idempotent(std::string_view method) {
    constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    return std::ranges::find(methods, method) != methods.end();
}

// The bytes of a body that a step used, in the form that is passed on. Bytes that are not there in
// that form are made in `made`.
certs::Bytes as_passed(const http::Parser& parser, http::Step step, certs::Bytes bytes, certs::ByteVector& made) {
    const certs::Bytes piece = bytes.first(step.used - step.held);
    const std::string_view trailers = step.event == http::Event::end ? parser.trailers() : "";
    if (trailers.empty()) return piece;
    made.assign(piece.begin(), piece.end());
    made.insert(made.end(), trailers.begin(), trailers.end());
    return made;
}

class Exchange {
public:
    Exchange(io::Channel& client, http::Parser& requests, Upstream& upstream, const http::RequestHead& request,
             const ExchangeOptions& options, inspect::Flow& flow)
        : client_(client),
          requests_(requests),
          upstream_(upstream),
          server_(*upstream.channel),
          request_(request),
          options_(options),
          flow_(flow) {}

    io::Task<Outcome> run();

private:
    std::string head_for_server() const;
    io::Task<> send_request();
    io::Task<bool> send_again(const SentBody& body);
    io::Task<> send_body();
    io::Task<bool> send_piece(http::Step step);
    void keep(certs::Bytes piece);
    bool closed_while_idle();
    Outcome outcome();
    io::Task<> abandon_body();
    bool awaits_continue() const;
    bool announces_close(int status) const;
    void await_progress();
    void await_client();
    void await_server();
    void note_progress();
    io::Task<> watch_client();
    io::Task<> receive_response();
    io::Task<bool> more_of_response();
    io::Task<bool> pass(http::Step step);
    io::Task<bool> flush_head();
    bool unchunk(http::ResponseHead& head);
    io::Task<bool> begin_response();
    void note_mended();
    void response_failed(diagnosis::HttpFailure::Kind kind);
    std::optional<tls::HandshakeFailure> close_over_certificate() const;

    io::Channel& client_;
    http::Parser& requests_;
    Upstream& upstream_;
    io::Channel& server_;
    const http::RequestHead& request_;
    const ExchangeOptions& options_;
    inspect::Flow& flow_;
    // Why there is no proper response: failure_ before any of it was sent to the client,
    // cut_ after.
    std::optional<diagnosis::HttpFailure> failure_, cut_;
    std::optional<decltype(ServerFailed::why)> refused_;  // the reason where it was another's doing, or TLS's
    bool cut_short_ = false;                              // a response had begun
    bool bad_request_ = false;                            // the client's body was ambiguous or malformed
    // No byte of the client's body came for the idle time, before any byte of a response.
    bool stalled_ = false;
    bool client_gone_ = false;  // the client has left, or the proxy stops
    std::optional<Upgraded> upgrade_;
    bool keep_client_ = false, keep_upstream_ = false;
    std::string head_;                 // the response's head, waiting for its first body bytes
    double sent_at_ = io::clock_ms();  // when the last of the request was sent
    // The whole request was taken from the client. Without a body, the caller has seen its end.
    bool taken_ = !requests_.has_body();
    bool request_done_ = taken_;  // the whole request was sent
    bool body_begun_ = false;     // the client has sent some of it
    bool continued_ = false;      // the client was told to go on (100)
    bool response_done_ = false;
    // The connection has answered before, so our client certificate is not what ends it.
    bool reused_ = false;
    certs::ByteVector kept_;  // all of the request's body that was sent over a reused connection
    bool keeping_ = false;    // true as long as nothing came back and kept_ is not too much
    bool failed_to_parse_ = false;
    http::KeepAlive announced_;                // by the server, about its connection
    int interim_ = 0;                          // 1xx responses so far
    std::optional<io::Timer> patience_;        // with the client's body
    bool begun_ = false;                       // some of the final response was sent to the client
    std::string first_bytes_;                  // the first bytes of what the server sent, for a diagnosis
    std::optional<http::ChunkedBody> chunks_;  // removes the chunks, for a client that does not know them
    certs::ByteVector sent_, received_;        // those bytes of bodies that are not passed on as they were on the wire
};

io::Task<Outcome> Exchange::run() {
    reused_ = keeping_ = upstream_.used;
    upstream_.used = true;
    if (options_.again) {
        taken_ |= options_.again->complete;
        flow_.repeated = true;
    }
    upstream_.responses.expect_response_to(request_.method);

    // When this fails, the server may still have sent the reason: its bytes are read all the same.
    const std::string wire = head_for_server();
    (void)co_await server_.write(certs::as_bytes(wire));
    server_.socket().set_deadline(options_.response_timeout);
    io::Child upload(send_request());
    std::exception_ptr bug;
    try {
        co_await receive_response();
    } catch (...) { bug = std::current_exception(); }
    if (bug) {  // the child works on this frame, so it has to end first
        server_.close();
        client_.close();
        co_await upload.join();
        std::rethrow_exception(bug);
    }

    response_done_ = true;
    if ((cut_short_ && server_.socket().timed_out()) || (client_gone_ && client_.socket().timed_out()))
        flow_.idle_seconds = options_.idle_timeout;
    // The next request would take it for its answer.
    if (!server_.buffered().empty() && !upgrade_) keep_upstream_ = false;
    if (begun_ && awaits_continue() && !body_begun_) co_await abandon_body();
    if (failure_ || cut_short_ || client_gone_ || !keep_upstream_) server_.close();
    if (upgrade_ || !requests_.has_body() || server_.socket().closed()) client_.socket().stop_reading();
    // A server may answer before it has read the request's body: the rest must still go where it
    // belongs.
    await_progress();
    co_await upload.join();
    upstream_.reuse.answered(announced_, io::clock_ms());
    client_.socket().clear_deadline();
    server_.socket().clear_deadline();
    if (!request_done_) keep_client_ = keep_upstream_ = false;
    if (!keep_upstream_) server_.close();
    co_return outcome();
}

// The first that applies counts: the client's errors come before what the server made of them.
Outcome Exchange::outcome() {
    const bool resend = closed_while_idle();
    if (bad_request_ || stalled_) return BadRequest{stalled_, cut_short_};
    if (resend) return NotProcessed{{std::move(kept_), taken_}};
    if (failure_) return ServerFailed{refused_ ? *std::move(refused_) : *std::move(failure_), taken_};
    if (upgrade_) return *std::move(upgrade_);
    if (cut_) return CutShort{std::move(cut_)};
    if (client_gone_) return ClientGone{};
    if (cut_short_) return CutShort{};
    return Complete{keep_client_};
}

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
void Exchange::await_progress() {
    if (!response_done_ || request_done_) return;
    const double patience = options_.response_timeout > 0 ? std::min(options_.response_timeout, upload_patience) : upload_patience;
    client_.socket().set_deadline(patience);
    server_.socket().set_deadline(patience);
}

// Ends a begun response that makes no progress, because the server sends nothing or the client
// reads nothing.
void Exchange::note_progress() {
    if (response_done_) return;
    server_.socket().set_deadline(options_.idle_timeout);                         // first: its silence is reported
    client_.socket().set_deadline(options_.idle_timeout, io::AtDeadline::reset);  // due in the same round of the loop
}

// A client that uploads may pause. Only where it waits for a 100 (RFC 9110 §10.1.1) is it the
// server's turn. Until a response begins, the client can still be told that its request made no
// progress (§15.5.9), so this only ends the reading.
void Exchange::await_client() {
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

void Exchange::await_server() {
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
    if (begun_) note_progress();
    await_progress();
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
            await_client();
            const auto more = co_await client_.fill();
            await_server();
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

io::Task<> Exchange::receive_response() {
    for (;;) {
        const http::Step step = upstream_.responses.step(server_.buffered());
        switch (step.event) {
            case http::Event::failed: failed_to_parse_ = true; co_return response_failed(diagnosis::HttpFailure::Kind::not_http);
            case http::Event::head:
                server_.consume(step.used);
                if (!co_await begin_response()) co_return;
                break;
            case http::Event::body:
                if (!co_await pass(step)) co_return;
                break;
            case http::Event::more:
                if (!co_await pass(step) || !co_await more_of_response()) co_return;
                break;
            case http::Event::end:
                if (begun_) {
                    note_mended();  // its trailers
                    if (co_await pass(step) && !co_await flush_head()) client_gone_ = true;
                    co_return;
                }
                server_.consume(step.used);
                // That was an interim response: the final one is still to come.
                upstream_.responses.expect_response_to(request_.method);
                break;
        }
    }
}

// Waits for more of the response; what came so far is sent first. False when no more will come.
io::Task<bool> Exchange::more_of_response() {
    if (!co_await flush_head()) {
        client_gone_ = true;
        co_return false;
    }
    const auto more = co_await server_.fill();
    if (more && *more > 0) {
        keeping_ = false;
        kept_ = {};
        if (!begun_ && first_bytes_.size() < most_shown) {
            first_bytes_ += certs::as_text(server_.buffered()).substr(0, most_shown - first_bytes_.size());
        }
        co_return true;
    }
    // A body that only the close delimits may end without a close_notify, whoever ended it
    // (RFC 9112 §9.8): old servers do so, and clients accept it. It is then passed on unchanged,
    // for the client to judge.
    const bool bare_fin = !more && more.error().kind == io::IoError::Kind::truncated;
    const bool ended = more.has_value() || (bare_fin && upstream_.responses.body_until_close());
    const bool complete = ended && begun_ && upstream_.responses.finish().event == http::Event::end;
    flow_.no_close_notify = complete && bare_fin;
    std::optional<tls::HandshakeFailure> refused;
    if (!more && more.error().kind == io::IoError::Kind::tls && !begun_) refused = server_.session().failure();
    // A bare reset after a finished handshake is about the request, unless the server may have
    // missed a client certificate.
    if (refused && refused->kind == tls::FailureKind::reset && (reused_ || !refused->certificate_requested)) refused.reset();
    // This side closed the connection, because the client has left or the proxy stops. That is no
    // failure of the server's.
    const bool closed_here = !more && more.error().kind == io::IoError::Kind::closed && !server_.socket().timed_out();
    client_gone_ |= closed_here && !bad_request_ && !stalled_;
    if (!complete && !refused) refused = close_over_certificate();
    if (refused) refused_ = *std::move(refused);
    if (!complete) {
        response_failed(server_.socket().timed_out() ? diagnosis::HttpFailure::Kind::timed_out : diagnosis::HttpFailure::Kind::closed);
    }
    keep_upstream_ = false;
    co_return false;
}

// RFC 8446 §4.4.2.4: a server checks the client's certificate after the handshake, and some then
// close silently.
std::optional<tls::HandshakeFailure> Exchange::close_over_certificate() const {
    const auto& handshake = upstream_.attempt.handshake;
    // Up to TLS 1.2 the handshake itself shows whether a certificate was accepted.
    const bool may_be = handshake && handshake->certificate_requested && (!handshake->certificate_sent || handshake->version == "TLSv1.3");
    if (!may_be || reused_ || begun_ || !first_bytes_.empty() || server_.socket().timed_out()) return std::nullopt;
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::closed;
    failure.reached = tls::Milestone::done;
    failure.certificate_requested = true;
    failure.certificate_sent = handshake->certificate_sent;
    return failure;
}

void Exchange::note_mended() {
    for (const http::Mend each : upstream_.responses.mended()) http::note(flow_.mended, each);
}

io::Task<bool> Exchange::begin_response() {
    http::ResponseHead head = upstream_.responses.response();
    note_mended();
    if (flow_.first_byte_ms == 0) flow_.first_byte_ms = io::clock_ms() - options_.began;
    if (head.status >= 100 && head.status < 200 && head.status != 101) {
        if (++interim_ > most_interim) {
            response_failed(diagnosis::HttpFailure::Kind::not_http);
            co_return false;
        }
        continued_ |= head.status == 100;
        if (request_.version.minor == 0) co_return true;  // RFC 9110 §15.2: a 1.0 client must not be sent these
        head.fields.remove_hop_by_hop();
        http::remove_proxy_status(head.fields, own_name);
        if (options_.mapping) http::map_response(head.fields, *options_.mapping);
        client_.socket().set_deadline(options_.idle_timeout);
        const bool sent = (co_await client_.write(certs::as_bytes(http::to_wire(head)))).has_value();
        client_.socket().clear_deadline();
        if (sent) co_return true;
        client_gone_ = true;
        co_return false;
    }
    // A server must not send 407 (RFC 9110 §15.5.8): the parent proxy speaks for itself.
    if (head.status == 407 && upstream_.forwarder != nullptr) {
        response_failed(diagnosis::HttpFailure::Kind::closed);
        refused_ = refusal_of(head, *upstream_.forwarder);
        co_return false;
    }
    // Another protocol may begin only when the client asked for it, and after the client's whole
    // request (RFC 9110 §7.8).
    if (head.status == 101 && (!http::offers_chosen(request_.fields, head.fields) || !request_done_)) {
        response_failed(diagnosis::HttpFailure::Kind::not_http);
        if (failure_)
            failure_->unasked_switch = {http::offered_protocols(request_.fields), http::chosen_protocols(head.fields), request_done_};
        co_return false;
    }
    if (request_.version.minor == 0 && head.fields.has("Transfer-Encoding") && !unchunk(head)) {
        response_failed(diagnosis::HttpFailure::Kind::not_http);
        co_return false;
    }
    begun_ = true;
    note_progress();
    flow_.status = head.status;
    const std::string* media = head.fields.find("Content-Type");
    flow_.page = media != nullptr && http::same_name(std::string_view(*media).substr(0, 9), "text/html");
    if (upstream_.responses.switches_protocol()) upgrade_ = Upgraded{http::chosen_protocols(head.fields)};
    // After a 101, HTTP no longer decides how long the connection stays open.
    keep_upstream_ = upgrade_ || (upstream_.responses.keeps_alive() && !upstream_.responses.body_until_close());
    keep_client_ = requests_.keeps_alive() && !upstream_.responses.body_until_close() && !options_.last && !chunks_;
    if (awaits_continue() && !body_begun_) keep_client_ = false;

    announced_ = http::keep_alive_of(head.fields);
    head.fields.remove_hop_by_hop();
    http::remove_proxy_status(head.fields, own_name);
    if (upgrade_ && !upgrade_->protocol.empty()) {
        head.fields.add("Connection", "Upgrade");
        head.fields.add("Upgrade", upgrade_->protocol);
    } else if (!keep_client_) {
        if (announces_close(head.status)) head.fields.add("Connection", "close");
    } else if (request_.version.minor == 0 || head.version.minor == 0) {
        head.fields.add("Connection", "keep-alive");
    }
    if (options_.mapping) http::map_response(head.fields, *options_.mapping);
    if (upstream_.forwarder && is_refusal(head.status)) head.fields.add("Proxy-Status", next_hop(*upstream_.forwarder));
    if (!options_.proxy_status.empty()) head.fields.add("Proxy-Status", options_.proxy_status);
    head_ = http::to_wire(head);
    co_return true;
}

// RFC 9112 §6.1: a 1.0 client knows no transfer coding; its body ends with the connection. False
// when the coding is not only chunked.
bool Exchange::unchunk(http::ResponseHead& head) {
    if (!http::same_name(*head.fields.find("Transfer-Encoding"), "chunked")) return false;
    head.fields.remove("Transfer-Encoding");
    head.fields.remove("Trailer");
    // The parser bounds the trailers.
    if (upstream_.responses.has_body()) chunks_.emplace(std::numeric_limits<std::size_t>::max());
    return true;
}

io::Task<bool> Exchange::flush_head() {
    if (head_.empty()) co_return true;
    const std::string head = std::exchange(head_, {});
    co_return (co_await client_.write(certs::as_bytes(head))).has_value();
}

// Passes on the bytes of the body that a step used. Nothing before the final head is part of a
// body.
io::Task<bool> Exchange::pass(http::Step step) {
    if (!begun_ || (step.used == 0 && head_.empty())) {
        server_.consume(step.used);
        co_return true;
    }
    certs::Bytes piece;
    if (chunks_) {
        received_.clear();
        std::size_t used = 0;
        // The parser has already accepted it.
        CHECK_STATE(chunks_->take(server_.buffered().first(step.used), used, &received_).has_value());
        piece = received_;
    } else {
        piece = as_passed(upstream_.responses, step, server_.buffered(), received_);
    }
    flow_.response_bytes += piece.size();
    bool sent = true;
    if (!head_.empty() && head_.size() + piece.size() <= joined_body) {
        head_ += certs::as_text(piece);  // sent with the head in one write
    } else {
        sent = co_await flush_head() && (piece.empty() || (co_await client_.write(piece)).has_value());
    }
    server_.consume(step.used);
    note_progress();
    if (!sent) client_gone_ = true;
    co_return sent;
}

void Exchange::response_failed(diagnosis::HttpFailure::Kind kind) {
    const bool passed_on = begun_ && head_.empty();
    cut_short_ = passed_on;
    head_.clear();  // no byte of it was sent: the client can get an answer instead
    if (client_gone_ || bad_request_ || stalled_) return;
    if (passed_on && kind == diagnosis::HttpFailure::Kind::timed_out) return;  // it is reported as such
    diagnosis::HttpFailure failure;
    failure.kind = kind;
    failure.served_before = reused_;
    if (kind == diagnosis::HttpFailure::Kind::not_http && failed_to_parse_) failure.error = upstream_.responses.error();
    if (failure.error) failure.fault = upstream_.responses.fault();
    if (begun_) failure.body = {upstream_.responses.body_bytes(), upstream_.responses.content_length(), passed_on};
    // After another response, bytes that are no response may be the rest of its body.
    if (!reused_ || first_bytes_.starts_with("HTTP/")) failure.first_bytes = first_bytes_;
    (passed_on ? cut_ : failure_) = std::move(failure);
}

}  // namespace

io::Task<Outcome> exchange(io::Channel& client, http::Parser& requests, Upstream& upstream, const http::RequestHead& request,
                           const ExchangeOptions& options, inspect::Flow& flow) {
    Exchange story(client, requests, upstream, request, options, flow);
    co_return co_await story.run();
}

}  // namespace proxy
