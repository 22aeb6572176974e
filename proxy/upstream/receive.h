// A response read by whytls for itself, head first, then as much of its body as is wanted. What it is read for decides what a failure means.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"

namespace proxy {

enum class NotReceived {
    closed,     // the connection ended inside the response, or before it; for what reason the channel's session knows
    timed_out,  // the socket's deadline came
    not_http,   // the parser says what is wrong
    interim,    // interim responses without end, or a 101 (Switching Protocols)
    too_large,  // more of the body than was wanted
};

// The head of the final response to a request of `method` that has been written to `channel`; `responses` holds it then. The first bytes
// that came, 512 at most, are kept in `first_bytes` when that is given.
io::Task<std::expected<void, NotReceived>> receive_head(io::Channel& channel, inspect::http::Parser& responses, std::string_view method,
                                                        std::string* first_bytes = nullptr);

struct ReceivedBody {
    certs::ByteVector bytes;       // as on the wire, chunk framing included
    bool no_close_notify = false;  // it ended with the connection, which no close_notify ended
};

// The body after that head, of at most `largest` bytes on the wire.
io::Task<std::expected<ReceivedBody, NotReceived>> receive_body(io::Channel& channel, inspect::http::Parser& responses,
                                                                std::size_t largest);

}  // namespace proxy
