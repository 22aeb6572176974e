#include "proxy/http/exchange.h"

#include <exception>
#include <limits>

#include "inspect/http/proxy_status.h"
#include "inspect/http/upgrade.h"
#include "proxy/http/exchange_story.h"
#include "proxy/upstream/parent_proxy.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

// A head and the first of its body are sent in one write up to this size.
constexpr std::size_t joined_body = 16'384;
constexpr std::string_view own_name = "whytls";  // in Proxy-Status: what servers send under this name is not whytls's
constexpr int most_interim = 64;                 // 1xx responses before the final one
constexpr std::size_t most_shown = 512;          // first bytes kept of what is not HTTP

// What a parent proxy reports about itself looks like what a server reports. It is passed on
// unchanged, and marked with who was asked (RFC 9209 §2.1.2).
bool is_refusal(int status) { return status == 403 || (status >= 502 && status <= 504); }
std::string next_hop(const ParentProxy& parent) { return "whytls; next-hop=\"" + authority(parent) + '"'; }

}  // namespace

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
    bound_upload();
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

io::Task<bool> Exchange::pass_interim(http::ResponseHead head) {
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
    client_gone_ |= !sent;
    co_return sent;
}

io::Task<bool> Exchange::begin_response() {
    http::ResponseHead head = upstream_.responses.response();
    note_mended();
    if (flow_.first_byte_ms == 0) flow_.first_byte_ms = io::clock_ms() - options_.began;
    if (head.status >= 100 && head.status < 200 && head.status != 101) { co_return co_await pass_interim(std::move(head)); }
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
    renew_deadlines();
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
    renew_deadlines();
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

io::Task<Outcome> exchange(io::Channel& client, http::Parser& requests, Upstream& upstream, const http::RequestHead& request,
                           const ExchangeOptions& options, inspect::Flow& flow) {
    Exchange story(client, requests, upstream, request, options, flow);
    co_return co_await story.run();
}

}  // namespace proxy
