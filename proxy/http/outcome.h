// How an exchange ended, and what is left for its caller to do. What passed until then is in its
// Flow.
#pragma once

#include <optional>
#include <variant>

#include "certs/bytes.h"
#include "inspect/diagnosis/attempt.h"

namespace proxy {

// What has been taken of a request's body, as on the wire, for a request that is sent again.
struct SentBody {
    certs::ByteVector bytes;
    bool complete = false;  // the request ends with them
};

// The whole response was sent to the client.
struct Complete {
    bool keep_client = false;  // its connection may carry another request
};

// 101 (Switching Protocols): what follows on both connections is another protocol.
struct Upgraded {
    std::string protocol;  // as the server's Upgrade field names it; "" when it names none
};

// The server gave no proper response, and nothing of one was sent to the client: the caller answers
// instead.
struct ServerFailed {
    // ParentRefusal: the parent proxy answered. HandshakeFailure: the TLS connection ended with an
    // alert, or over a client certificate, instead.
    std::variant<inspect::diagnosis::HttpFailure, tls::HandshakeFailure, inspect::diagnosis::ParentRefusal> why;
    bool request_complete = false;  // the client's next request begins where it should
};

// A response had begun and did not reach its end: the client's connection must end as the server's
// did.
struct CutShort {
    std::optional<inspect::diagnosis::HttpFailure> why;  // where the server caused it
};

// The client's request is malformed, ambiguous, or stalled before its end.
struct BadRequest {
    bool stalled = false;    // no byte of its body came for the idle time: the caller answers
    bool cut_short = false;  // part of a response was sent to the client, but not the whole
};

// The client has left, or the proxy stops: nothing is reported about the server.
struct ClientGone {};

// The server has not processed the request, and the whole of it is here: it may be sent once over a
// fresh connection. A reused connection was closed before any response came (RFC 9112 §9.3.1), which
// is no failure of the request; or the server said so; or it does not speak this version of HTTP.
struct NotProcessed {
    SentBody sent;
    ServerFailed otherwise;  // how it ended if it is not sent again
};

using Outcome = std::variant<Complete, Upgraded, ServerFailed, CutShort, BadRequest, ClientGone, NotProcessed>;

}  // namespace proxy
