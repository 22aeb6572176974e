// One request and its response, streamed between a client and a server that both hold their end of the connection
// (RFC 9110, RFC 9112). Bodies pass as they are framed; nothing is kept.
#pragma once

#include <cstdint>
#include <optional>

#include "inspect/diagnosis/attempt.h"
#include "inspect/gateway/mapping.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/websocket.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// What has been taken of a request's body, as it stood on the wire, when the request is to be sent again.
struct SentBody {
    certs::ByteVector bytes;
    bool complete = false;  // the request ends with them
};

struct ExchangeResult {
    // Why there was no proper response, when none of it has reached the client yet: the caller answers instead.
    std::optional<inspect::diagnosis::HttpFailure> failure;
    // The same when a response had begun: the client's connection must end, as the server's did.
    bool cut_short = false;
    std::optional<inspect::diagnosis::HttpFailure> cut = {};  // … why, where it was the server's doing
    std::optional<tls::HandshakeFailure> refused;             // the server ended the TLS connection with an alert instead of answering
    std::optional<inspect::diagnosis::ParentRefusal> parent_refused;  // it was the parent proxy that answered: no credentials, no way
    std::optional<inspect::http::MessageError> request_error;         // the client's body was ambiguous or malformed
    // A reused connection turned out to be closed before anything came, and the request is here whole: send it over a fresh one, once
    // (RFC 9112 §9.3.1; what a connection is closed over while it is idle is no failure of the request).
    bool stale = false;
    SentBody sent;                 // … after this of its body
    bool repeated = false;         // it was sent over another connection before
    bool not_proper_end = false;   // the response's body ended with the connection, which TLS's close_notify did not end (RFC 9112 §9.8)
    bool client_gone = false;      // … or the proxy stops: nothing is said of the server
    bool request_stalled = false;  // no byte of its body came for the idle time, before any of a response: the caller answers
    bool idle = false;             // it was ended here, because no byte moved for the idle time-out
    bool switched = false;         // 101: what follows is another protocol
    std::string protocol;          // which one, as the server's Upgrade field names it; "" when none is named
    std::optional<inspect::http::WebSocketSummary> websocket;  // of one that has ended: what passed behind the 101
    bool request_complete = false;  // the next request on the client's connection, if any, begins where it should
    bool keep_client = false, keep_upstream = false;
    int status = 0;
    bool html = false;                                    // the response is a page
    inspect::http::Mends mended;                          // what was odd in it, or in an interim one
    std::uint64_t request_bytes = 0, response_bytes = 0;  // of the bodies, as on the wire
    double first_byte_ms = 0;                             // from the start of the exchange
};

struct ExchangeOptions {
    double response_timeout = 0;                      // seconds; 0 = none
    double idle_timeout = 0;                          // seconds without a byte of a body, in or out; 0 = none
    bool last = false;                                // the proxy is stopping: the client's connection ends after this response
    std::string_view pseudonym = {};                  // ours, of what goes to a parent proxy
    bool marked = false;                              // it goes to other servers too (proxy/upstream/via)
    std::string proxy_status;                         // put on the response when verification was let through; "" otherwise
    const inspect::http::Mapping* mapping = nullptr;  // of the response's fields; nullptr leaves them as they are
    const SentBody* again = nullptr;                  // of a request that is sent again: this of its body was taken from the client before
};

// `request` is the head as it goes to the server. `requests` has just delivered it from `client`; when it has no body, its
// end too.
io::Task<ExchangeResult> exchange(io::Stream& client, inspect::http::Parser& requests, Upstream& upstream,
                                  const inspect::http::RequestHead& request, const ExchangeOptions& options);

}  // namespace proxy
