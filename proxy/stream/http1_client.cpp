#include "proxy/stream/http1_client.h"

#include "inspect/http/http2/frame_cutter.h"
#include "proxy/stream/refusal.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr std::size_t most_shown = 512;  // first bytes kept of what is not HTTP

}  // namespace

Http1Client::Http1Client(io::Channel& channel, http::Parser& responses, Before before)
    : channel_(channel), responses_(responses), before_(before), body_(channel, responses) {}

io::Task<> Http1Client::request(const http::RequestHead& head, bool has_content) {
    method_ = head.method;
    responses_.expect_response_to(method_);
    chunks_ = has_content && !head.fields.has("Content-Length") && !head.fields.has("Transfer-Encoding");
    std::string wire = http::to_wire(head);
    if (chunks_) wire.insert(wire.size() - 2, "Transfer-Encoding: chunked\r\n");
    (void)co_await channel_.write(certs::as_bytes(wire));
}

io::Task<bool> Http1Client::write(certs::Bytes content) {
    if (content.empty()) co_return true;  // as a chunk it would be the last
    if (!chunks_) co_return (co_await channel_.write(content)).has_value();
    const std::string chunk = http::chunk_of(content);
    co_return (co_await channel_.write(certs::as_bytes(chunk))).has_value();
}

io::Task<bool> Http1Client::finish(certs::Bytes last, http::Fields trailers) {
    if (!last.empty() && !co_await write(last)) co_return false;
    const std::string end = http::last_chunk(trailers);
    co_return (co_await channel_.write(certs::as_bytes(end))).has_value();
}

io::Task<bool> Http1Client::head() {
    for (;;) {
        const http::Step step = responses_.step(channel_.buffered());
        channel_.consume(step.used);
        switch (step.event) {
            case http::Event::head:
                final_ = responses_.response().status >= 200 || responses_.switches_protocol();
                if (final_) announced_ = http::keep_alive_of(responses_.response().fields);
                co_return true;
            case http::Event::end: responses_.expect_response_to(method_); break;  // that ended an interim response
            case http::Event::body: break;
            case http::Event::failed: malformed_ = true; co_return false;
            case http::Event::more:
                if (co_await body_.more() != Arrival::more) co_return false;
                if (first_bytes_.size() < most_shown)
                    first_bytes_ += certs::as_text(channel_.buffered()).substr(0, most_shown - first_bytes_.size());
                break;
        }
    }
}

diagnosis::HttpFailure Http1Client::failure() const {
    using Kind = diagnosis::HttpFailure::Kind;
    diagnosis::HttpFailure failure;
    const bool malformed = malformed_ || body_.has_failed();
    failure.kind = malformed ? Kind::not_http : timed_out() ? Kind::timed_out : Kind::closed;
    failure.served_before = before_.used;
    if (malformed) {
        failure.error = responses_.error();
        failure.fault = responses_.fault();
    }
    if (final_ && !responses_.switches_protocol())
        failure.body = {.bytes = responses_.body_bytes(), .announced = responses_.content_length()};
    // After another response, bytes that are no response may be the rest of its body.
    if (!before_.used || first_bytes_.starts_with("HTTP/")) failure.first_bytes = first_bytes_;
    failure.perhaps_http2 = perhaps_speaks_http2();
    return failure;
}

// A server that takes HTTP/2 only wants an alert for other offers (RFC 7301 §3.2), but some agree to
// nothing and go on.
bool Http1Client::perhaps_speaks_http2() const {
    const bool agreed_on_none = before_.handshake && before_.handshake->alpn.empty();
    if (before_.used || !agreed_on_none || timed_out() || refusal()) return false;
    return first_bytes_.empty() || http2::begins_settings(first_bytes_);
}

std::optional<tls::HandshakeFailure> Http1Client::refusal() const {
    if (final_ || !body_.ended()) return std::nullopt;
    return refusal_of(channel_, before_.handshake, body_.error(),
                      {.used_before = before_.used, .silent = first_bytes_.empty() && !timed_out()});
}

bool Http1Client::is_unprocessed() const { return is_unsure() && http2::begins_settings(first_bytes_); }

bool Http1Client::may_follow() const {
    if (responses_.switches_protocol()) return true;  // HTTP no longer decides how long the connection stays open
    // What the server has sent after its response would be taken for the next request's.
    return responses_.keeps_alive() && !responses_.body_until_close() && channel_.buffered().empty() && !body_.ended();
}

}  // namespace proxy
