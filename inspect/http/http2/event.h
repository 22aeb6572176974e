// What a Session of HTTP/2 reports, as values. A stream is named by its identifier (RFC 9113
// §5.1.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "certs/bytes.h"
#include "inspect/http/http2/error_code.h"
#include "inspect/http/http2/translate.h"
#include "inspect/http/message.h"

namespace inspect::http2 {

using StreamId = std::int32_t;

// A request's head, on a stream that it opens. `ends`: it has no content, and no End follows.
struct RequestReceived {
    StreamId stream = 0;
    Request request;
    bool ends = false;
};

// A response's head: interim (1xx), any number of them, then the final one. `ends` as above.
struct ResponseReceived {
    StreamId stream = 0;
    http::ResponseHead head;
    bool ends = false;
    bool is_interim() const { return head.status < 200; }
};

// A head or trailer section above the limit (RFC 9113 §10.5.1): its lines are dropped. A server may
// still respond (431), and then resets the stream; where it does neither, the stream stays open.
struct TooLarge {
    StreamId stream = 0;
    std::size_t limit = 0;  // in octets, as HeaderList::list_size
    bool in_trailers = false;
};

// Some of the content, without padding. A view of the bytes that were fed: valid until next() or
// feed() is called again. Never empty. The stream's window gets it back with consumed().
struct Data {
    StreamId stream = 0;
    certs::Bytes bytes;
};

// The content is complete, and the message with it: no End follows.
struct Trailers {
    StreamId stream = 0;
    http::Fields fields;
};

// The content is complete, without trailers.
struct End {
    StreamId stream = 0;
};

// The stream was closed before its time. It may be one of which no head was reported. What was
// offered is no longer read. None follows the session's own reset().
struct Reset {
    enum class By : std::uint8_t {
        peer,  // RST_STREAM, or a GOAWAY that says the stream was not processed (REFUSED_STREAM)
        us,    // the peer broke a rule of this stream
    };
    StreamId stream = 0;
    ErrorCode code = ErrorCode::no_error;
    By by = By::peer;
    std::optional<Malformed> malformed = {};  // by us: what was malformed, as far as translate.h found it
};

// What was offered is wholly taken: the caller's bytes are no longer read.
struct Writable {
    StreamId stream = 0;
};

// The peer's SETTINGS (RFC 9113 §6.5), now in force. Its first ones are the rest of its preface.
struct PeerSettings {
    std::uint32_t max_concurrent_streams = 0;  // 2^32-1: no limit
    bool connect_protocol = false;             // RFC 8441 §3
};

// The answer to ping().
struct Pong {
    std::uint64_t opaque = 0;
};

// RFC 9113 §6.8. Streams that this side opened above `last_stream` follow as Reset.
struct Goaway {
    static constexpr std::size_t most_debug = 512;  // octets that are kept

    StreamId last_stream = 0;  // 2^31-1: a notice that a second one will follow
    ErrorCode code = ErrorCode::no_error;
    std::string debug;  // any bytes
};

// A connection error that this side found (RFC 9113 §5.4.1). GOAWAY is in output(); nothing
// follows, and nothing more is read.
struct Failed {
    ErrorCode code = ErrorCode::no_error;
    std::string reason;  // for the log; at most Goaway::most_debug octets
};

using Event = std::variant<RequestReceived, ResponseReceived, TooLarge, Data, Trailers, End, Reset, Writable,
                           PeerSettings, Pong, Goaway, Failed>;

}  // namespace inspect::http2
