// What follows a 101 (Switching Protocols, RFC 9110 §15.2.2): bytes of another protocol, both ways.
// For a WebSocket the log reports what passed. Part of connection.h.
#include "inspect/http/message.h"
#include "inspect/http/websocket.h"
#include "proxy/client/connection.h"
#include "proxy/http/tunnel.h"

namespace proxy {

namespace http = inspect::http;

// The request is recorded when everything is over, with what passed after it.
io::Task<> Connection::relay_upgraded(const http::RequestHead& request, Upgraded upgraded, inspect::Flow flow) {
    http::WebSocketConversation conversation;
    TunnelWatch watch;
    const bool websocket = http::same_name(upgraded.protocol, "websocket");
    if (websocket) {
        watch.up = [&conversation](certs::Bytes bytes) { conversation.take(http::WebSocketPeer::client, bytes); };
        watch.down = [&conversation](certs::Bytes bytes) { conversation.take(http::WebSocketPeer::server, bytes); };
    }
    const Tunnelled bytes = co_await tunnel(client_, *upstream_->channel, settings_.idle_timeout, std::move(watch));
    flow.request_bytes += bytes.up;
    flow.response_bytes += bytes.down;
    if (bytes.idle) flow.idle_seconds = settings_.idle_timeout;
    if (websocket) {
        flow.websocket = conversation.summary();
        flow.websocket->broken = bytes.broken;
    }
    record(request, std::move(flow));
    ++exchanges_;
}

}  // namespace proxy
