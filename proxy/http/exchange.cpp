#include "proxy/http/exchange.h"

#include <exception>

#include "inspect/http/proxy_status.h"
#include "inspect/http/upgrade.h"
#include "proxy/http/exchange_story.h"
#include "proxy/upstream/parent_proxy.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr std::string_view own_name = "whytls";  // in Proxy-Status: what servers send under this name is not whytls's
constexpr int most_interim = 64;                 // 1xx responses before the final one

// What a parent proxy reports about itself looks like what a server reports. It is passed on
// unchanged, and marked with who was asked (RFC 9209 §2.1.2).
bool is_refusal(int status) { return status == 403 || (status >= 502 && status <= 504); }
std::string next_hop(const ParentProxy& parent) { return "whytls; next-hop=\"" + authority(parent) + '"'; }

// A client of HTTP/1.0 knows no transfer coding (RFC 9112 §6.1). Others than chunked cannot be
// removed.
bool is_beyond(const ServerStream& client, const http::ResponseHead& head) {
    const auto coding = head.fields.find("Transfer-Encoding");
    return coding && !client.takes_framing() && !http::same_name(*coding, "chunked");
}

// RFC 6455 §4.1: where the key was made here, it is checked here.
std::optional<diagnosis::WrongAccept> wrong_accept_of(const http::ResponseHead& head, const ServerStream& client) {
    std::string expected = head.status == 101 ? client.expected_accept() : "";
    const auto accept = head.fields.find("Sec-WebSocket-Accept");
    if (expected.empty() || (accept && *accept == expected)) return std::nullopt;
    return diagnosis::WrongAccept{std::move(expected), std::string(accept.value_or(""))};
}

bool is_interim(int status) { return status >= 100 && status < 200 && status != 101; }

}  // namespace

io::Task<Outcome> Exchange::run() {
    if (options_.again) {
        taken_ |= options_.again->complete;
        flow_.repeated = true;
    }
    if (!server_.takes_framing()) client_.body().unframe();
    if (options_.tap) options_.tap->request_begins(server_.takes_framing());
    co_await server_.request(request_, client_.has_content());
    server_.set_deadline(options_.response_timeout);
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
    if ((cut_short_ && (server_.timed_out() || stood_still_)) || (client_gone_ && client_.timed_out()))
        flow_.idle_seconds = options_.idle_timeout;
    const bool content_unread = begun_ && is_content_unread();
    if (content_unread) co_await abandon_content();
    const bool keep_server = begun_ && server_.may_follow() && !content_unread;
    if (failure_ || cut_short_ || client_gone_ || !keep_server) server_.close();
    if (upgrade_ || request_done_ || server_.closed()) client_.stop_reading();
    // A server may answer before it has read the request's content: the rest must still go where it
    // belongs.
    bound_upload();
    co_await upload.join();
    client_.set_deadline(0);
    server_.set_deadline(0);
    if (!request_done_) server_.close();
    co_return outcome();
}

// The first that applies counts: the client's errors come before what the server made of them.
Outcome Exchange::outcome() {
    const bool resend = was_unprocessed();
    if (bad_request_ || stalled_) return BadRequest{stalled_, cut_short_};
    if (failure_) {
        ServerFailed failed{refused_ ? *std::move(refused_) : *std::move(failure_), taken_};
        if (!resend) return failed;
        return NotProcessed{{std::move(kept_), taken_}, std::move(failed)};
    }
    if (upgrade_) return *std::move(upgrade_);
    if (cut_) return CutShort{std::move(cut_)};
    if (client_gone_) return ClientGone{};
    if (cut_short_) return CutShort{};
    return Complete{client_.may_follow() && request_done_};
}

io::Task<> Exchange::receive_response() {
    for (;;) {
        if (!co_await server_.head()) co_return response_failed();
        keeping_ = false;
        kept_ = certs::ByteVector();
        note_mended();
        if (flow_.first_byte_ms == 0) flow_.first_byte_ms = io::clock_ms() - options_.began;
        if (!is_interim(server_.response().status)) break;
        if (!co_await pass_interim(server_.response())) co_return;
    }
    if (!begin_response(server_.response())) co_return;
    if (upgrade_)
        client_gone_ |= !co_await client_.flush();
    else
        co_await pass_content();
}

io::Task<bool> Exchange::pass_interim(http::ResponseHead head) {
    if (++interim_ > most_interim) {
        diagnosis::HttpFailure failure = server_.failure();
        failure.kind = diagnosis::HttpFailure::Kind::not_http;
        response_refused(std::move(failure));
        co_return false;
    }
    continued_ |= head.status == 100;
    head.fields.remove_hop_by_hop();
    http::remove_proxy_status(head.fields, own_name);
    if (options_.mapping) http::map_response(head.fields, *options_.mapping);
    client_.set_deadline(options_.idle_timeout);
    const bool sent = co_await client_.interim(std::move(head));
    client_.set_deadline(0);
    client_gone_ |= !sent;
    co_return sent;
}

// Another protocol may begin only when the client asked for it, and after the client's whole
// request (RFC 9110 §7.8).
bool Exchange::is_unasked_switch(const http::ResponseHead& head) const {
    return head.status == 101 && (!http::offers_chosen(request_.fields, head.fields) || !request_done_);
}

// Accepts the final response's head; it is not yet sent. False when it cannot be passed on.
bool Exchange::begin_response(http::ResponseHead head) {
    // A server must not send 407 (RFC 9110 §15.5.8): the parent proxy speaks for itself.
    if (head.status == 407 && options_.parent != nullptr) {
        response_refused(server_.failure());
        refused_ = refusal_of(head, *options_.parent);
        return false;
    }
    auto wrong_accept = wrong_accept_of(head, client_);
    if (const bool unasked = is_unasked_switch(head); unasked || wrong_accept || is_beyond(client_, head)) {
        diagnosis::HttpFailure failure = server_.failure();
        failure.kind = diagnosis::HttpFailure::Kind::not_http;
        if (unasked)
            failure.unasked_switch = {http::offered_protocols(request_.fields), http::chosen_protocols(head.fields),
                                      request_done_};
        failure.wrong_accept = std::move(wrong_accept);
        response_refused(std::move(failure));
        return false;
    }
    begun_ = true;
    if (options_.tap) options_.tap->response(head, client_.takes_framing());
    renew_deadlines();
    flow_.status = head.status;
    const auto media = head.fields.find("Content-Type");
    flow_.page = media && http::same_name(media->substr(0, 9), "text/html");
    if (head.status == 101) upgrade_ = Upgraded{http::chosen_protocols(head.fields)};
    if (!client_.takes_framing()) server_.body().unframe();
    const ResponseEnd end{.until_close = server_.until_close(),
                          .last = options_.last,
                          .content_unread = is_content_unread(),
                          .upgrade = upgrade_ ? std::string_view(upgrade_->protocol) : ""};
    head.fields.remove_hop_by_hop();
    http::remove_proxy_status(head.fields, own_name);
    if (options_.mapping) http::map_response(head.fields, *options_.mapping);
    if (options_.parent && is_refusal(head.status)) head.fields.add("Proxy-Status", next_hop(*options_.parent));
    if (!options_.proxy_status.empty()) head.fields.add("Proxy-Status", options_.proxy_status);
    client_.respond(std::move(head), end);
    return true;
}

io::Task<> Exchange::pass_content() {
    Body& body = server_.body();
    for (;;) {
        const Piece piece = body.here();
        if (piece.next == Piece::Next::failed) co_return response_failed();
        if (piece.next == Piece::Next::end) note_mended();  // its trailers
        flow_.response_bytes += piece.bytes.size();
        if (options_.tap) options_.tap->response_content(piece.bytes);
        writing_ = piece.size > 0;
        const bool waits = piece.next == Piece::Next::wait, ends = piece.next == Piece::Next::end;
        const bool finishes = ends && client_.delimits();
        const bool sent = (piece.size == 0 && !finishes) || co_await client_.pass(piece, body);
        writing_ = false;
        body.consume();
        if (piece.size > 0) renew_deadlines();
        const bool pauses = waits || (ends && !finishes);
        if (!sent || (pauses && !client_.has_responded() && !co_await client_.flush())) {
            client_gone_ = true;
            co_return;
        }
        if (ends) break;
        if (!waits) continue;
        const Arrival arrival = co_await body.more();
        flow_.no_close_notify = server_.no_close_notify();
        if (arrival == Arrival::more) continue;
        if (arrival != Arrival::end) co_return response_failed();
        if (client_.delimits()) client_gone_ |= !co_await client_.finish({}, body.trailers());
        break;
    }
    if (options_.tap) options_.tap->response_ends(body.trailers());
}

void Exchange::note_mended() {
    for (const http::Mend each : server_.mended()) http::note(flow_.mended, each);
}

// The server's response is malformed, or its connection ended before the response's end.
void Exchange::response_failed() {
    // This side closed the connection, because the client has left or the proxy stops. That is no
    // failure of the server's.
    client_gone_ |= server_.closed() && !server_.timed_out() && !bad_request_ && !stalled_ && !stood_still_;
    response_refused(server_.failure());
    if (auto refusal = server_.refusal()) refused_ = *std::move(refusal);
}

// What came is not passed on. As long as none of it was sent, the client can get an answer instead.
void Exchange::response_refused(diagnosis::HttpFailure failure) {
    cut_short_ = client_.has_responded();
    client_.withdraw();
    if (client_gone_ || bad_request_ || stalled_) return;
    if (cut_short_ && (stood_still_ || failure.kind == diagnosis::HttpFailure::Kind::timed_out))
        return;  // it is reported as such
    if (!begun_) failure.body.reset();
    if (failure.body) failure.body->passed_on = cut_short_;
    (cut_short_ ? cut_ : failure_) = std::move(failure);
}

io::Task<Outcome> exchange(ServerStream& client, ClientStream& server, const http::RequestHead& request,
                           const ExchangeOptions& options, inspect::Flow& flow) {
    Exchange story(client, server, request, options, flow);
    co_return co_await story.run();
}

}  // namespace proxy
