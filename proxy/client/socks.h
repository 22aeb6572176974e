// A client that speaks SOCKS 5 (RFC 1928) to a forward listener.
#pragma once

#include "proxy/client/admission.h"
#include "proxy/client/client.h"
#include "proxy/io/task.h"

namespace proxy {

// Agrees on a method, authenticates the client, and sets its tunnel up. True when the client has
// been told that it is open (connect_tunnel.h).
[[gnu::noinline]] io::Task<bool> open_socks_tunnel(Client& client, Admission& admission);

}  // namespace proxy
