// The server that one request goes to, over a connection that is open, is being opened by another
// request, or is opened for this one.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/client/client.h"
#include "proxy/http/route.h"

namespace proxy {

class RequestServer {
public:
    // `client` outlives this. `flow`: the request's in the log.
    RequestServer(Client& client, std::uint64_t number) : client_(client), number_(number) {}

    // Takes a connection for the request; its upstream may have failed. `route` gets the ALPN that
    // the server was asked with in the end.
    [[gnu::noinline]] io::Task<> take(Route& route);
    // Takes another connection, to a server that may take HTTP/2 only, in place of the one that it
    // has closed. False when it does not agree to that either: what it did before counts then, and
    // nothing is said of this attempt.
    [[gnu::noinline]] io::Task<bool> take_over_http2(const Route& route);
    void give_back() { lease_ = {}; }

    explicit operator bool() const { return static_cast<bool>(lease_); }
    Upstream* operator->() const { return lease_.operator->(); }
    Upstream& upstream() const { return (*lease_).upstream; }
    // nullptr: it speaks HTTP/1.1.
    Http2Connection* http2() const { return (*lease_).http2.get(); }

    // Offered http/1.1, which was our choice, the server agreed to nothing, and has answered no
    // request. Perhaps it takes HTTP/2 only, and has no alert for that (RFC 7301 §3.2 wants one).
    bool is_unsure_of_http1() const;
    // It takes HTTP/2 only, which later connections need not find out.
    void remember_http2() const;

private:
    bool take_open(const Destination& destination);
    [[gnu::noinline]] io::Task<> open(const Destination& destination);

    Client& client_;
    std::uint64_t number_;
    Lease lease_;
};

}  // namespace proxy
