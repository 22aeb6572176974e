// Records as a proxy keeps them, for the tests of what is made of them.
#pragma once

#include <vector>

#include "inspect/flow/record.h"

namespace tests {

// GET https://api.example.com/v1?a=1&token=s%26 with cookies and a gzip-coded JSON body, 200. It opened its connection.
inspect::Record answered();
// A form posted over the connection of answered(), answered with bytes that are no text.
inspect::Record posted();
// The request that hostname_mismatch failed: no response.
inspect::Record failed();
// The failed handshake of a server and of a client, which no request belongs to.
inspect::Record failed_handshake();
inspect::Record refused_by_client();
// A WebSocket with a text, a binary and a close message.
inspect::Record websocket();

std::vector<inspect::Record> all_records();

}  // namespace tests
