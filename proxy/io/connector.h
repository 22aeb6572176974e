// Opens a TCP connection to whichever of several addresses answers first (RFC 8305 in spirit): a
// new attempt starts every 250 ms, or as soon as the one before has failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/io/address.h"
#include "proxy/io/loop.h"
#include "proxy/io/socket.h"
#include "proxy/io/socket_maker.h"
#include "proxy/io/task.h"

namespace proxy::io {

struct ConnectAttempt {
    enum class Outcome { connected, refused, timed_out, unreachable, other, abandoned } outcome = Outcome::abandoned;
    Address address;
    std::string reason;  // the system's words
};

struct Connected {
    std::optional<Socket> socket;          // of the winning attempt
    std::vector<ConnectAttempt> attempts;  // in the order begun; the winner is the one that is `connected`
};

// Tries `addresses`, families interleaved, for at most `seconds` in all. `make`, where there is
// one, has the sockets of another network.
Task<Connected> connect(Loop& loop, std::vector<Address> addresses, double seconds, SocketMaker make = {});

}  // namespace proxy::io
