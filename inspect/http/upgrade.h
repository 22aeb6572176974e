// The protocols that a request offers to switch to, and from which a 101 (Switching Protocols)
// chooses (RFC 9110 §7.8), as lists. Knows no protocol's bytes.
#pragma once

#include <string>

#include "inspect/http/message.h"

namespace inspect::http {

// "websocket, tcp": what Upgrade offers, where Connection names that field, without h2c. RFC 9113
// §3.1 removed h2c, which Java and curl offer on plain HTTP; without its HTTP2-Settings, a
// hop-by-hop field, servers refuse the whole request. "" when nothing is offered.
std::string offered_protocols(const Fields& request);

// "websocket": what a response's Upgrade names, on all of its lines; "" when there is none.
std::string chosen_protocols(const Fields& response);

// Whether the request offers each protocol that the 101 chooses, and any at all; compared
// case-insensitively, as Node's ws and browsers do.
bool offers_chosen(const Fields& request, const Fields& response);

}  // namespace inspect::http
