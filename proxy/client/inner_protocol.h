// Protocols other than HTTP inside an intercepted tunnel. They are recognised by the agreed ALPN,
// by the client's first bytes, or by a server that speaks first. Knows how to recognise them; the
// connection decides what becomes of them.
#pragma once

#include <string>
#include <vector>

#include "proxy/io/channel.h"
#include "proxy/io/task.h"

namespace proxy {

// The part of a client's ALPN list (RFC 7301) that is offered to the server, in its order: the
// HTTP versions that whytls speaks; the whole list when it names no HTTP at all.
std::vector<std::string> passed_on(const std::vector<std::string>& alpn);

// Waits for the first bytes of either side, both under TLS, and consumes none. A possibly faulty
// request counts as HTTP. `server` is nullptr when there is none to relay to. False when the client
// speaks HTTP or leaves.
io::Task<bool> speaks_inner_protocol(io::Channel& client, io::Channel* server);

}  // namespace proxy
