// A client that knows of no proxy, whose connection netfilter led here (--transparent). It is
// served as in a tunnel to where it meant to connect; the name of the server is what it then says
// itself.
#pragma once

#include "inspect/http/message.h"
#include "proxy/client/client.h"

namespace proxy {

// Sets the client's tunnel up; connects nowhere. False for a client that was not redirected, which
// is reported, and reset.
bool begin_redirected(Client& client);

// Whether the client is whytls itself, whose own connection was redirected too: it is reported, and
// reset. To be asked when the client has sent something or is known to wait, and before anything is
// dialled for it.
bool is_own_connection(Client& client);

// The tunnel of a client that was redirected, as a request in the clear names its server. Of every
// other client its tunnel.
Destination named_by(const Client& client, const inspect::http::RequestHead& request);

}  // namespace proxy
