// What follows a 101 (Switching Protocols, RFC 9110 §15.2.2): bytes of another protocol, both ways; of a WebSocket the log tells what passed.
// Part of connection.h.
#include "inspect/http/message.h"
#include "inspect/http/websocket.h"
#include "proxy/client/connection.h"
#include "proxy/http/tunnel.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

// The request is told when all is over, with what passed behind it.
io::Task<> Connection::relay_switched(const http::RequestHead& request, ExchangeResult result) {
    http::WebSocketConversation conversation;
    TunnelWatch watch;
    const bool websocket = http::same_name(result.protocol, "websocket");
    if (websocket) {
        watch.up = [&conversation](certs::Bytes bytes) { conversation.take(http::WebSocketPeer::client, bytes); };
        watch.down = [&conversation](certs::Bytes bytes) { conversation.take(http::WebSocketPeer::server, bytes); };
    }
    const Tunnelled bytes = co_await tunnel(client_, *upstream_->stream, settings_.idle_timeout, std::move(watch));
    result.request_bytes += bytes.up;
    result.response_bytes += bytes.down;
    result.idle = bytes.idle;
    if (websocket) {
        result.websocket = conversation.summary();
        result.websocket->broken = bytes.broken;
    }
    log_request(request, result, diagnosis::Code::none);
    ++exchanges_;
}

}  // namespace proxy
