// A client of the benchmarks: one connection, through a proxy or straight to the server, and
// requests, one after the other. It trusts whoever answers: what is measured is what
// others spend.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/session.h"
#include "proxy/io/channel.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "tls/context.h"

namespace bench {

// How a client comes to its server.
struct Way {
    proxy::io::Address address;  // that it connects to: the proxy's, or the server's
    bool proxy = false;          // with CONNECT (RFC 9110 §9.3.6)
    std::string host;
    std::uint16_t port = 443;
    std::string alpn = "http/1.1";
    std::string authority() const { return host + ':' + std::to_string(port); }
};

// A connection whose handshake is done. The error says what went wrong. Loop and context outlive
// the connection.
using Entered = std::expected<proxy::io::Channel, std::string>;
proxy::io::Task<Entered> enter(proxy::io::Loop& loop, const tls::ClientContext& context, Way way);

std::string get_request(const Way& way, std::string_view path, bool last = false);

// Sends a GET and reads its response, which must be a 200. Returns the octets of its content.
// Channel and parser outlive the task, and are between two messages.
using Got = std::expected<std::uint64_t, std::string>;
proxy::io::Task<Got> get(proxy::io::Channel& channel, inspect::http::Parser& responses, std::string request);

// The same over HTTP/2, in a session that has no other request.
proxy::io::Task<Got> get(proxy::io::Channel& channel, inspect::http2::Session& session, Way way, std::string path);

// Sends what waits in the session's output(). False when the connection takes no more.
proxy::io::Task<bool> send_output(proxy::io::Channel& channel, inspect::http2::Session& session);

}  // namespace bench
