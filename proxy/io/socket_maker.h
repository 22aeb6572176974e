// Where sockets come from that do not belong to this process's network.
#pragma once

#include <functional>

namespace proxy::io {

// Makes a socket (family, type; see socket(2)) that is non-blocking and closed by exec. A socket
// belongs for ever to the network namespace in which it was made, whoever uses it. -1, with errno.
// Called by any thread.
using SocketMaker = std::function<int(int family, int type)>;

}  // namespace proxy::io
