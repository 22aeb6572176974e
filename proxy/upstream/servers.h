// The connections to servers that one client's requests go over. Requests of HTTP/1.1 come one after
// the other, and need one connection at a time. Streams of HTTP/2 come together: they share a
// connection that carries HTTP/2 too, and take one each where the server speaks HTTP/1.1. Two
// clients never share one: each could notice the other.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>

#include "proxy/io/signal.h"
#include "proxy/io/task.h"
#include "proxy/stream/http2_connection.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

struct Server {
    Upstream upstream;
    std::size_t lent = 0;  // to how many requests
    bool opening = false;  // it is being dialled and secured
    io::Signal opened = {};
    // Where the server agreed to HTTP/2 (RFC 9113 §3.2).
    std::unique_ptr<Http2Connection> http2 = {};
    std::unique_ptr<io::Child> running = {};  // http2's run()

    UpstreamContext& context;

    Server(Destination destination, UpstreamContext& of) : upstream(std::move(destination)), context(of) {}
    // Begins to speak HTTP/2, if that was agreed and has not begun.
    void begin_http2();
    // Whether anchors or client certificates were read again since it was dialled: what was judged by
    // others carries no further request.
    bool is_of_former_keyring() const { return !context.services.keyring.is(upstream.keyring); }
    // Whether a request to that destination may go over it as it is.
    bool may_carry(const Destination& destination);
};

// While a server is being dialled and secured; then those who wait for it go on.
class Opening {
public:
    explicit Opening(Server& server) : server_(server) { server_.opening = true; }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;
    ~Opening();

private:
    Server& server_;
};

// Move-only. A server that is lent stays where it is.
class Lease {
public:
    Lease() = default;
    explicit Lease(Server& server) : server_(&server) { ++server.lent; }
    Lease(Lease&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
        std::swap(server_, other.server_);
        return *this;
    }
    ~Lease() {
        if (server_) --server_->lent;
    }
    explicit operator bool() const { return server_ != nullptr; }
    Server& operator*() const { return *server_; }
    Upstream* operator->() const { return &server_->upstream; }

private:
    Server* server_ = nullptr;
};

class Servers {
public:
    explicit Servers(UpstreamContext& context) : context_(context) {}

    // The server of a tunnel, or that of the latest request; nullptr before any.
    Server* latest() { return servers_.empty() ? nullptr : &servers_.back(); }
    // One that may carry a request as it is; nullptr when there is none.
    Server* find(const Destination& destination);
    // One that is being opened for that destination; nullptr when there is none.
    Server* find_opening(const Destination& destination);
    // Begins another, which becomes the latest. Those that no request uses and no later one will are
    // closed: all of them, unless `keeps_others`.
    Server& begin(Destination destination, bool keeps_others);

    // Resets those of HTTP/1.1 that have a request under way.
    void abandon();
    // Closes all, and waits for what they still run. No request may use one any more.
    [[gnu::noinline]] io::Task<> end();
    bool speak_http2() const;  // some of them do

private:
    void close_unused(const Destination& destination, bool keeps_others);

    std::list<Server> servers_;
    std::list<Server> closing_;
    UpstreamContext& context_;
};

}  // namespace proxy
