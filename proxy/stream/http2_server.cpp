#include "proxy/stream/http2_server.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>

#include "certs/pem.h"
#include "inspect/http/websocket.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;

namespace {

// RFC 6455 §4.1: 16 random bytes. Where there are none, any will do: they keep nothing secret.
std::string new_websocket_key() {
    std::array<std::uint8_t, 16> nonce{};
    (void)::getrandom(nonce.data(), nonce.size(), GRND_NONBLOCK);
    return certs::encode_base64(nonce);
}

}  // namespace

Http2Server::Http2Server(Http2Connection& connection, http2::RequestReceived received)
    : connection_(connection),
      stream_{.id = received.stream, .ended = received.ends, .lives_by_pings = true},
      request_(std::move(received.request)),
      has_content_(!received.ends) {
    // RFC 9110 §8.6: HTTP/1.1 is to say so where content would be usual.
    const std::string& method = request_.head.method;
    if (received.ends && (method == "POST" || method == "PUT" || method == "PATCH") &&
        !request_.head.fields.has("Content-Length"))
        request_.head.fields.add("content-length", "0");
    request_.head.version = {1, 1};  // the least that every reader of this head may rely on
    if (!request_.protocol.empty()) ask_to_switch();
    connection_.add(stream_);
}

// RFC 8441 §5.1: the key that HTTP/1.1's servers want is not in it.
void Http2Server::ask_to_switch() {
    request_.head.method = "GET";
    request_.head.fields.add("Connection", "Upgrade");
    request_.head.fields.add("Upgrade", request_.protocol);
    if (http::same_name(request_.protocol, "websocket"))
        request_.head.fields.set("Sec-WebSocket-Key", new_websocket_key());
    has_content_ = false;
}

Http2Server::Http2Server(Http2Connection& connection, const http2::TooLarge& head)
    : Http2Server(connection, http2::RequestReceived{.stream = head.stream, .request = {}}) {
    has_content_ = false;
    fault_.limit = head.limit;
}

// RFC 9113 §8.1: after a complete response, the rest of a request is not wanted, which is no error.
Http2Server::~Http2Server() {
    if (!finished_) cut(http2::ErrorCode::internal_error);
    if (!stream_.ended) cut(http2::ErrorCode::no_error);
    connection_.remove(stream_);
}

std::string Http2Server::expected_accept() const {
    const bool ours = http::same_name(request_.protocol, "websocket");
    return ours ? http::websocket_accept(*request_.head.fields.find("Sec-WebSocket-Key")) : "";
}

http2::ErrorCode Http2Server::reset_code() const {
    const bool by_peer = stream_.reset && stream_.reset->by == http2::Reset::By::peer;
    return by_peer ? stream_.reset->code : http2::ErrorCode::cancel;
}

io::Task<bool> Http2Server::interim(http::ResponseHead head) {
    co_await connection_.await_room(stream_);
    const bool sent = !stream_.reset && connection_.session().interim(stream_.id, head);
    connection_.changed();
    co_return sent;
}

// To a client that asked for another protocol, 2xx would say that it begins (RFC 8441 §5).
void Http2Server::respond(http::ResponseHead head, const ResponseEnd& end) {
    switched_ = !end.upgrade.empty();
    if (switched_) {
        head.status = 200;
        head.fields.remove("Sec-WebSocket-Accept");
    } else if (!request_.protocol.empty() && head.status >= 200 && head.status < 300) {
        head.fields.add("Proxy-Status",
                        fmt::format("whytls; error=http_upgrade_failed; received-status={}", head.status));
        head.status = 502;
    }
    head_ = std::move(head);
}

// What a server sent may have no form in HTTP/2.
bool Http2Server::send_head(bool ends) {
    if (stream_.reset) return false;
    if (!connection_.session().respond(stream_.id, *std::exchange(head_, std::nullopt), ends)) return false;
    responded_ = true;
    finished_ = ends;
    connection_.changed();
    return true;
}

io::Task<bool> Http2Server::write(certs::Bytes content) {
    if (content.empty()) co_return true;
    if (head_ && !send_head(false)) co_return false;
    co_return co_await offer(connection_, stream_, content);
}

io::Task<bool> Http2Server::flush() { co_return !head_ || send_head(false); }

io::Task<bool> Http2Server::finish(certs::Bytes last, http::Fields trailers) {
    if (head_ && !send_head(last.empty() && trailers.size() == 0)) co_return false;
    if (!finished_) finished_ = co_await proxy::finish(connection_, stream_, last, std::move(trailers));
    co_return finished_;
}

}  // namespace proxy
