// Receives a response for whytls itself: first the head, then as much of the content as is wanted.
// The purpose of the request decides what a failure means.
#pragma once

#include <cstddef>
#include <expected>

#include "certs/bytes.h"
#include "proxy/stream/stream.h"

namespace proxy {

constexpr std::size_t most_head = 16'384;  // bytes of a head, or of trailers, that whytls reads for itself

enum class NotReceived {
    // The connection ended inside the response or before it. The stream knows why.
    closed,
    timed_out,  // the stream's deadline came
    not_http,   // malformed
    interim,    // too many interim responses, or a 101 (Switching Protocols)
    too_large,  // more of the content than was wanted
};

// Receives the head of the final response to the request that was sent on `stream`.
io::Task<std::expected<void, NotReceived>> receive_head(ClientStream& stream);

// Receives the content after that head, without framing, of at most `largest` bytes on the wire.
// What has come of it is appended to `content`, also when that is too much by one piece.
io::Task<std::expected<void, NotReceived>> receive_content(ClientStream& stream, std::size_t largest,
                                                           certs::ByteVector& content);

}  // namespace proxy
