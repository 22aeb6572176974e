// Reads a response for whytls itself: first the head, then as much of the body as is wanted. The
// purpose of the request decides what a failure means.
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

constexpr std::size_t most_head = 16'384;  // bytes of a head, or of trailers, that whytls reads for itself

enum class NotReceived {
    // The connection ended inside the response or before it. The channel's session knows the
    // reason.
    closed,
    timed_out,  // the socket's deadline came
    not_http,   // the parser has the error
    interim,    // too many interim responses, or a 101 (Switching Protocols)
    too_large,  // more of the body than was wanted
};

// Receives the head of the final response to a request of `method` that was written to `channel`.
// `responses` then holds it. The first bytes that came, at most 512, are kept in `first_bytes` when
// that is given.
io::Task<std::expected<void, NotReceived>> receive_head(io::Channel& channel, inspect::http::Parser& responses, std::string_view method,
                                                        std::string* first_bytes = nullptr);

struct ReceivedBody {
    certs::ByteVector bytes;       // as on the wire, chunk framing included
    bool no_close_notify = false;  // the body ended with the connection, and that without a close_notify
};

// Receives the body after that head, of at most `largest` bytes on the wire.
io::Task<std::expected<ReceivedBody, NotReceived>> receive_body(io::Channel& channel, inspect::http::Parser& responses,
                                                                std::size_t largest);

}  // namespace proxy
