// Bytes passed both ways untouched: for what is not intercepted.
#pragma once

#include <cstdint>

#include "proxy/io/stream.h"
#include "proxy/io/task.h"

namespace proxy {

struct Tunnelled {
    std::uint64_t up = 0, down = 0;  // bytes from the client, from the server
};

// Relays until both sides have ended or one fails, passing a half-close on. What is buffered goes first. When no byte has moved either way
// for `idle_timeout` seconds, or a side has taken none for so long, both are reset.
io::Task<Tunnelled> tunnel(io::Stream& client, io::Stream& server, double idle_timeout);

}  // namespace proxy
