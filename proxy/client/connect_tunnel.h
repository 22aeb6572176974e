// What happens inside a CONNECT (RFC 9110 §9.3.6) or a connection of SOCKS: the tunnel's client is
// recognised by its first bytes, and intercepted when it speaks TLS.
#pragma once

#include <string>

#include "inspect/http/message.h"
#include "proxy/client/client.h"
#include "proxy/io/task.h"

namespace proxy {

// Sets the client's tunnel up; `passed` is the proxies that its CONNECT has passed, `received` the
// version of HTTP that it came in (via_of). Connects at once
// when it is to pass unchanged (--passthrough); false when that fails, and the client's upstream
// has the reason. Otherwise the client's first bytes decide.
[[gnu::noinline]] io::Task<bool> begin_tunnel(Client& client, const inspect::http::Target& target,
                                              std::string_view passed, std::string_view received);

// Serves the tunnel, whose client has been told that it is open. True when its client speaks HTTP,
// under TLS or in the clear: its requests come next on its channel.
[[gnu::noinline]] io::Task<bool> serve_tunnel(Client& client);

}  // namespace proxy
