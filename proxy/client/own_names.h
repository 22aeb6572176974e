// How a client names the listener that it is connected to.
#pragma once

#include <string>

#include "proxy/client/client.h"

namespace proxy {

// "http://127.0.0.1:8080": by the Host field, or else (HTTP/1.0) by the address that it connected
// to.
std::string own_origin(Client& client, const inspect::http::RequestHead& request);

// Whether the Host field names this listener. Any address is accepted, for a port forwarder keeps
// the one that the client used. A name could be made to lead here by its owner.
bool is_asked_by_own_name(Client& client, const inspect::http::RequestHead& request);

}  // namespace proxy
