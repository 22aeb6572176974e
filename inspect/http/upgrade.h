// The protocols that a request offers to go on with and a 101 (Switching Protocols) chooses from (RFC 9110 §7.8), as lists. Knows no bytes of any.
#pragma once

#include <string>

#include "inspect/http/message.h"

namespace inspect::http {

// "websocket, tcp": what Upgrade offers, where Connection names that field, without h2c. That offer (Java and curl make it on plain HTTP) is gone
// since RFC 9113 §3.1, and without its HTTP2-Settings, a hop-by-hop field, servers refuse the whole request. "" without any.
std::string offered_protocols(const Fields& request);

// "websocket": what a response's Upgrade names, all of its lines; "" without any.
std::string chosen_protocols(const Fields& response);

// Whether the request offers each of the protocols that the 101 chooses, and any at all; compared case-insensitively, as Node's ws and browsers do.
bool offers_chosen(const Fields& request, const Fields& response);

}  // namespace inspect::http
