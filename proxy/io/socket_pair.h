// Two sockets of this process that are connected to each other.
#pragma once

#include <expected>
#include <utility>

#include "proxy/io/socket.h"

namespace proxy::io {

// What one of them writes the other reads, its end and its reset too. Neither has an address. The
// error is the system's, which has no descriptor left.
std::expected<std::pair<Socket, Socket>, IoError> socket_pair(Loop& loop);

}  // namespace proxy::io
