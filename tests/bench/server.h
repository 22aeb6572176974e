// A server of the benchmarks, on an event loop: TLS, and an answer of some size to each request, over
// HTTP/1.1 or HTTP/2 as its clients choose.
#pragma once

#include <cstddef>
#include <string>

#include "proxy/io/channel.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "tls/context.h"

namespace bench {

class Server {
public:
    // Both outlive it. GET /SIZE is answered with so many octets.
    Server(proxy::io::Loop& loop, const tls::ServerIdentity& identity);

    const proxy::io::Address& address() const { return listener_.address(); }
    void close() { listener_.close(); }

private:
    proxy::io::Task<> serve(proxy::io::Socket socket);

    const tls::ServerIdentity& identity_;
    proxy::io::Listener listener_;
};

}  // namespace bench
