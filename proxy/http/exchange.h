// One request and its response, streamed between a client and a server, both connected (RFC 9110,
// RFC 9112). Bodies pass as they are framed; nothing is kept.
#pragma once

#include <string>
#include <string_view>

#include "inspect/flow/flow.h"
#include "inspect/gateway/mapping.h"
#include "inspect/http/http1/parser.h"
#include "proxy/http/outcome.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

struct ExchangeOptions {
    double began = 0;             // when the request's first byte came; in the time of clock_ms()
    double response_timeout = 0;  // seconds; 0 = none
    double idle_timeout = 0;      // seconds without a byte of a body, in or out; 0 = none
    // The proxy is stopping: the client's connection ends after this response.
    bool last = false;
    std::string_view pseudonym = {};  // ours, for what goes to a parent proxy
    bool marked = false;              // the pseudonym goes to other servers too (proxy/upstream/via)
    // Added to the response when --insecure let a verification failure through; otherwise "".
    std::string proxy_status;
    const inspect::http::Mapping* mapping = nullptr;  // for the response's fields; nullptr leaves them unchanged
    // For a request that is sent again: the part of its body that was already taken from the
    // client.
    const SentBody* again = nullptr;
};

// `request` is the head as it goes to the server. `requests` has just delivered it from `client`;
// when it has no body, its end too. What passes is recorded in `flow`. The server's connection is
// closed unless it may carry another request.
io::Task<Outcome> exchange(io::Channel& client, inspect::http::Parser& requests, Upstream& upstream,
                           const inspect::http::RequestHead& request, const ExchangeOptions& options, inspect::Flow& flow);

}  // namespace proxy
