// One exchange as a value: what was asked of whom, what passed, how long it took and how it ended. It
// is born with the request and complete when the exchange is over; the log's line, the sentences on
// stderr and a host's tally are pure functions of it. Knows no connection and no body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "certs/time.h"
#include "inspect/diagnosis/code.h"
#include "inspect/http/http1/mend.h"
#include "inspect/http/websocket.h"

namespace inspect {

struct Flow {
    std::string id;      // of the connection, a hyphen, the exchange's number on it
    std::string client;  // address and port
    std::string method;
    std::string url;  // as asked; its secrets are masked by whoever shows it
    certs::Time time;

    // Where it went; "" of what whytls answered itself.
    std::string host;
    std::uint16_t port = 0;
    bool reached = false;  // … and its TLS, if any, was good
    std::string parent;    // the parent proxy that it went through; "" without one

    int status = 0;                                       // 0 when no response came
    bool page = false;                                    // the response is HTML
    std::uint64_t request_bytes = 0, response_bytes = 0;  // of bodies, on the wire; what follows a switch of protocols among them
    double first_byte_ms = 0, total_ms = 0;               // from the request's first byte on; of the first in a tunnel, from the CONNECT's

    diagnosis::Code code = diagnosis::Code::none;         // why there was no proper response
    diagnosis::Code let_through = diagnosis::Code::none;  // what was wrong with a server that --insecure let pass
    bool stopped = false;                                 // whytls itself ended it, because it was stopped
    std::optional<double> idle_seconds;                   // … because no byte moved for so long (--idle-timeout)
    bool repeated = false;                                // sent twice, for the connection that it went over first had been closed
    bool no_close_notify = false;  // its body ended with the connection, which no close_notify ended: whether it is whole cannot be told
    std::string remark;            // what the response may be about that its server did not say; "" otherwise
    http::Mends mended;            // what was odd in the response, and is no more
    std::optional<http::WebSocketSummary> websocket;
};

}  // namespace inspect
