// One exchange as a value: what was asked of whom, what passed, how long it took and how it ended.
// It is created with the request, and complete when the exchange is over. The log's line, the
// sentences on stderr and a host's tally are pure functions of it. Knows no connection and no body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "certs/time.h"
#include "inspect/diagnosis/code.h"
#include "inspect/http/http1/mend.h"
#include "inspect/http/websocket.h"

namespace inspect {

struct Flow {
    std::string id;      // of the connection, a hyphen, the exchange's number on it
    std::string client;  // address and port
    std::string method;
    std::string url;  // as asked; whoever shows it masks its secrets
    certs::Time time;

    // Where it went; "" for what whytls answered itself.
    std::string host;
    std::uint16_t port = 0;
    bool reached = false;  // … and its TLS, if any, was good
    std::string parent;    // the parent proxy that it went through; "" without one

    // What was spoken on each leg, as ALPN names it: "h2", "http/1.1", "http/1.0". Literals; "" where
    // nothing of HTTP was.
    std::string_view protocol, server_protocol;

    int status = 0;     // 0 when no response came
    bool page = false;  // the response is HTML
    // Of bodies, on the wire; bytes after a switch of protocols are included.
    std::uint64_t request_bytes = 0, response_bytes = 0;
    // From the request's first byte; for the first request in a tunnel, from the CONNECT's first
    // byte.
    double first_byte_ms = 0, total_ms = 0;

    diagnosis::Code code = diagnosis::Code::none;         // why there was no proper response
    diagnosis::Code let_through = diagnosis::Code::none;  // what was wrong with a server that --insecure let pass
    bool stopped = false;                                 // whytls itself ended it, because it was stopped
    std::optional<double> idle_seconds;                   // … because no byte moved for so long (--idle-timeout)
    bool repeated = false;                                // sent twice, because its first connection had been closed
    // The body ended with the connection, which no close_notify ended: whether the body is whole
    // cannot be known.
    bool no_close_notify = false;
    std::string remark;  // what the response may be about that its server did not say; "" otherwise
    http::Mends mended;  // what was odd in the response, and has been mended
    std::optional<http::WebSocketSummary> websocket;
};

}  // namespace inspect
