// One request and its response, streamed between a client and a server that both hold their end of the connection
// (RFC 9110, RFC 9112). Bodies pass as they are framed; nothing is kept.
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
    double began = 0;                                 // when the request's first byte came; of clock_ms()
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
// end too. What passes is put down in `flow`. The server's connection is closed unless it may carry another request.
io::Task<Outcome> exchange(io::Channel& client, inspect::http::Parser& requests, Upstream& upstream,
                           const inspect::http::RequestHead& request, const ExchangeOptions& options, inspect::Flow& flow);

}  // namespace proxy
