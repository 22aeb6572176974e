// How an exchange ended, and with it what is left for its caller to do. What passed until then stands in
// its Flow.
#pragma once

#include <optional>
#include <variant>

#include "certs/bytes.h"
#include "inspect/diagnosis/attempt.h"

namespace proxy {

// What has been taken of a request's body, as it stood on the wire, when the request is to be sent again.
struct SentBody {
    certs::ByteVector bytes;
    bool complete = false;  // the request ends with them
};

// The whole response is with the client.
struct Complete {
    bool keep_client = false;  // its connection may carry another request
};

// 101 (Switching Protocols): what follows on both connections is another protocol.
struct Upgraded {
    std::string protocol;  // as the server's Upgrade field names it; "" when it names none
};

// The server gave no proper response, and none of it has reached the client: the caller answers instead.
struct ServerFailed {
    // ParentRefusal: it was the parent proxy that answered. HandshakeFailure: the TLS connection ended
    // with an alert, or over a client certificate, instead.
    std::variant<inspect::diagnosis::HttpFailure, tls::HandshakeFailure, inspect::diagnosis::ParentRefusal> why;
    bool request_complete = false;  // the client's next request begins where it should
};

// A response had begun and did not come to its end: the client's connection must end as the server's did.
struct CutShort {
    std::optional<inspect::diagnosis::HttpFailure> why;  // where it was the server's doing
};

// The client's request is malformed, ambiguous, or stood still before its end.
struct BadRequest {
    bool stalled = false;    // no byte of its body came for the idle time: the caller answers
    bool cut_short = false;  // some of a response is with the client, but not the whole
};

// The client has left, or the proxy stops: nothing is said of the server.
struct ClientGone {};

// A reused connection was closed before anything came of it, and the request is here whole: it may be sent
// over a fresh one, once (RFC 9112 §9.3.1; what a connection is closed over while it is idle is no failure
// of the request).
struct NotProcessed {
    SentBody sent;
};

using Outcome = std::variant<Complete, Upgraded, ServerFailed, CutShort, BadRequest, ClientGone, NotProcessed>;

}  // namespace proxy
