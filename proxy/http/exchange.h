// One request and its response, passed on between a client and a server (RFC 9110). Content passes
// as it comes; nothing is kept. Speaks only the two streams, whatever version of HTTP they have.
#pragma once

#include <string>

#include "inspect/flow/flow.h"
#include "inspect/gateway/mapping.h"
#include "proxy/flows/tap.h"
#include "proxy/http/outcome.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "proxy/settings/settings.h"
#include "proxy/stream/stream.h"

namespace proxy {

struct ExchangeOptions {
    io::Loop& loop;
    double began = 0;             // when the request's first byte came; in the time of clock_ms()
    double response_timeout = 0;  // seconds; 0 = none
    double idle_timeout = 0;      // seconds without a byte of a body, in or out; 0 = none
    // The proxy is stopping: the client's connection ends after this response.
    bool last = false;
    const ParentProxy* parent = nullptr;  // the server is a parent proxy, which takes requests in absolute form
    // Added to the response when --insecure let a verification failure through; otherwise "".
    std::string proxy_status;
    const inspect::http::Mapping* mapping = nullptr;  // for the response's fields; nullptr leaves them unchanged
    // For a request that is sent again: the part of its content that was already taken from the
    // client.
    const SentBody* again = nullptr;
    Tap* tap = nullptr;  // keeps what passes; nullptr when nobody looks
};

// `request` is the head as it goes to the server. What passes is recorded in `flow`. The server's
// connection is closed unless it may carry another request.
io::Task<Outcome> exchange(ServerStream& client, ClientStream& server, const inspect::http::RequestHead& request,
                           const ExchangeOptions& options, inspect::Flow& flow);

}  // namespace proxy
