// Bytes passed both ways unchanged: for what is not intercepted, and for what follows a switch of
// protocols.
#pragma once

#include <cstdint>
#include <functional>

#include "certs/bytes.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"
#include "proxy/stream/stream.h"

namespace proxy {

struct Tunnelled {
    std::uint64_t up = 0, down = 0;  // bytes from the client, from the server
    bool broken = false;             // a side failed instead of ending
    bool idle = false;               // … or whytls ended it: no byte moved for the idle time-out
};

// Receives the bytes of each direction before they are passed on, so an answer is never reported
// before what it answers.
struct TunnelWatch {
    std::function<void(certs::Bytes)> up, down;
};

// Relays until both sides have ended or one fails; passes a half-close on. Buffered bytes go first.
// When no byte has moved either way for `idle_timeout` seconds, or a side has taken none for so
// long, both are reset.
io::Task<Tunnelled> tunnel(io::Channel& client, io::Channel& server, double idle_timeout, TunnelWatch watch = {});

// The same between two streams that have switched to another protocol, whatever version of HTTP
// they have.
io::Task<Tunnelled> tunnel(io::Loop& loop, Duplex& client, Duplex& server, double idle_timeout, TunnelWatch watch = {});

}  // namespace proxy
