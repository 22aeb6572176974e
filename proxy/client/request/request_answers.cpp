// The answers that a request's story gives itself: refusals, diagnoses, pages. It is separate from
// request_story.cpp also because the compiler would build the frames of these stories into the
// frame of forward(), which each request allocates anew.
#include "inspect/diagnosis/experiments.h"
#include "inspect/http/websocket.h"
#include "proxy/client/record.h"
#include "proxy/client/request/preflight_answers.h"
#include "proxy/client/request/request_live.h"
#include "proxy/client/request/request_story.h"
#include "proxy/http/tunnel.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double drain_time = 1;                 // seconds to read and discard an unwanted body, before the answer
constexpr std::size_t most_of_message = 65'536;  // octets of a WebSocket's message that the book keeps
constexpr std::size_t most_drained = 1 << 20;    // of an unwanted body; beyond that the connection is closed instead

}  // namespace

// Sends and logs an answer of our own; `complete` is whether the request was read to its end.
io::Task<bool> RequestStory::send_answer(Answer made, const http::RequestHead& request, inspect::Flow flow,
                                         bool complete) {
    flow.status = made.head.status;
    flow.response_bytes = made.body.size();
    begin_tap();
    if (tap_) {
        tap_->response(made.head, false);
        tap_->response_content(certs::as_bytes(made.body));
        tap_->response_ends({});
    }
    const ResponseEnd end{.last = client_.context.stopping(), .content_unread = !complete};
    const bool sent = co_await send(stream_, std::move(made), request.method, end, client_.settings().idle_timeout);
    record(request, std::move(flow));
    ++client_.exchanges;
    co_return sent&& stream_.may_follow();
}

io::Task<bool> RequestStory::refuse(Refusal refusal, const http::RequestHead& request) {
    if (refusal.notice) client_.notify(*std::move(refusal.notice));
    // A body that waits for a 100 (Continue) may never come. Only closing the connection shows
    // where the next request would begin.
    const bool drained =
        !stream_.has_content() || (!request.fields.has("Expect") && co_await stream_.drain(drain_time, most_drained));
    inspect::Flow flow;
    flow.code = refusal.code;
    co_return co_await send_answer(std::move(refusal.answer), request, std::move(flow), drained);
}

io::Task<bool> RequestStory::answer(Answer made) { return refuse({.answer = std::move(made)}); }

// `named` has the Host field that names this listener; a request in absolute form does not name it.
io::Task<bool> RequestStory::answer_own_page(std::string_view path, const http::RequestHead& named) {
    return answer(
        own_page(client_.services().authority.get()->certificate(), page_state(client_, named), request_, path));
}

io::Task<> RequestStory::reject() {
    diagnosis::Attempt attempt = refused(client_, rejected_head(client_, stream_));
    attempt.host = client_.tunnel ? client_.tunnel->host : "";
    return reject(std::move(attempt), {}, {}, false);
}

// The request's content is malformed, or stops in its middle. Its beginning went to the server.
io::Task<> RequestStory::reject_content(const http::RequestHead& request, BadRequest begun, inspect::Flow flow) {
    diagnosis::RequestRejected why = rejected_head(client_, stream_);
    if (begun.stalled) why.stalled = client_.settings().idle_timeout;
    return reject(attempt_of(request, std::move(why)), request, std::move(flow), begun.cut_short);
}

io::Task<> RequestStory::reject(diagnosis::Attempt attempt, http::RequestHead request, inspect::Flow flow,
                                bool cut_short) {
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    const bool answered = flow.status != 0;
    if (!answered) flow.status = found.status;
    flow.code = found.code;
    show_failure(found);
    client_.notify(found);
    record(request, std::move(flow));
    // A response has begun, so there is no place for another. A response that is not whole must not
    // look whole.
    if (answered) co_return cut_short ? stream_.reset(inspect::http2::ErrorCode::internal_error) : stream_.close();
    (void)co_await send(stream_, diagnosed(client_, attempt, request).answer, request.method, {.last = true},
                        client_.settings().idle_timeout);
    co_await stream_.linger(linger_time);
}

// The server was not reached, or did not verify.
io::Task<bool> RequestStory::answer_unreached(const http::RequestHead& request) {
    diagnosis::Attempt& attempt = server_->attempt;
    attempt.method = request.method;
    attempt.path = client_.shown(request.target);
    if (auto leave = answer_preflight(client_, request, server_->destination, attempt))
        return refuse({.answer = *std::move(leave)}, request);
    return refuse(diagnosed(client_, attempt, request), request);
}

// The server was reached and the request sent, but no response came.
diagnosis::Attempt RequestStory::attempt_of(const http::RequestHead& request, diagnosis::Failure failure) const {
    diagnosis::Attempt attempt = server_->attempt;
    attempt.failure = std::move(failure);
    attempt.request_sent = true;
    attempt.method = request.method;
    attempt.path = client_.shown(request.target);
    attempt.timeout_seconds = client_.settings().response_timeout;
    return attempt;
}

// A response that has begun leaves no place for another: only stderr and the log report it. Returns
// the code.
diagnosis::Code RequestStory::report_cut(const http::RequestHead& request, const CutShort& cut,
                                         const inspect::Flow& flow) {
    if (!cut.why) return flow.idle_seconds ? diagnosis::Code::upstream_timeout : diagnosis::Code::none;
    const diagnosis::Diagnosis found = diagnosis::explain(attempt_of(request, *cut.why));
    client_.notices().tell(found);
    show_failure(found);
    return found.code;
}

io::Task<bool> RequestStory::answer_failure(const http::RequestHead& request, ServerFailed failed, inspect::Flow flow) {
    const bool loop = server_->came_back();
    diagnosis::Attempt attempt =
        loop ? attempt_of(request, diagnosis::ProxyLoop{.redirected = true})
             : std::visit([&](auto& why) { return attempt_of(request, diagnosis::Failure(std::move(why))); },
                          failed.why);
    attempt.request_sent = !loop && !std::holds_alternative<diagnosis::ParentRefusal>(attempt.failure);
    const auto* response = std::get_if<diagnosis::HttpFailure>(&attempt.failure);
    if (std::holds_alternative<tls::HandshakeFailure>(attempt.failure) || (response && response->perhaps_http2))
        co_await make_experiments(client_.context.upstream, server_->address, attempt);
    if (response && response->perhaps_http2 && speaks_http2(attempt)) server_.remember_http2();
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    client_.notices().tell(found);
    show_failure(found);
    Refusal made = diagnosed(client_, attempt, request);
    flow.code = made.code;
    if (auto leave = answer_preflight(client_, request, server_->destination, attempt)) made.answer = *std::move(leave);
    co_return co_await send_answer(std::move(made.answer), request, std::move(flow), failed.request_complete);
}

// What follows a 101 (Switching Protocols, RFC 9110 §15.2.2): bytes of another protocol, both ways.
// The request is recorded when everything is over, with what passed after it; for a WebSocket, with
// its messages.
io::Task<> RequestStory::relay_upgraded(ClientStream& server, const std::string& protocol, inspect::Flow& flow) {
    http::WebSocketConversation conversation;
    TunnelWatch watch;
    const bool websocket = http::same_name(protocol, "websocket");
    const auto watch_side = [&, tap = tap_.get()](http::WebSocketPeer sender) {
        return [&conversation, tap, sender](certs::Bytes bytes) {
            conversation.take(sender, bytes);
            if (!tap) return;
            for (http::WebSocketMessage& each : conversation.take_messages(sender))
                tap->message(sender, std::move(each));
        };
    };
    if (websocket) {
        if (tap_) conversation.keep_messages(most_of_message);
        watch.up = watch_side(http::WebSocketPeer::client);
        watch.down = watch_side(http::WebSocketPeer::server);
    }
    const double idle_timeout = client_.settings().idle_timeout;
    const Tunnelled bytes =
        co_await tunnel(client_.context.upstream.loop, stream_, server, idle_timeout, std::move(watch));
    flow.request_bytes += bytes.up;
    flow.response_bytes += bytes.down;
    if (bytes.idle) flow.idle_seconds = idle_timeout;
    if (websocket) {
        flow.websocket = conversation.summary();
        flow.websocket->broken = bytes.broken;
    }
}

}  // namespace proxy
