// A listening TCP socket that hands each accepted connection to its owner.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "proxy/io/address.h"
#include "proxy/io/loop.h"
#include "proxy/io/socket.h"
#include "proxy/io/socket_maker.h"

namespace proxy::io {

// What a listening socket is to be beside its address.
struct Binding {
    // Several loops may listen at one address, and the kernel spreads the connections; the caller
    // first makes sure that no one else has the address.
    bool shared = false;
    // It may be given connections to any address (TPROXY), where this process has CAP_NET_ADMIN.
    bool transparent = false;
    SocketMaker make = {};  // absent: a socket of this process's own network
};

// Move-only by pointer semantics: lives until it is destroyed or closed.
class Listener {
public:
    using Accepted = std::function<void(Socket)>;
    using Exhausted = std::function<void()>;

    // Listens at `address` (port 0: a free port). `exhausted` is called each time that descriptors
    // are about to run out: accepting then pauses, and clients wait. The error is the system's
    // words.
    static std::expected<Listener, std::string> open(
        Loop& loop, const Address& address, const Binding& binding, Accepted accepted, Exhausted exhausted = [] {});
    Listener(Listener&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Listener& operator=(Listener&&) = delete;
    ~Listener();

    void close();
    const Address& address() const;  // as bound

private:
    struct State;
    explicit Listener(State* state) : state_(state) {}
    State* state_;
};

// Whether a connection to `address` reaches one of these listeners, by any of this machine's
// addresses.
bool leads_to(const std::vector<Address>& listeners, const Address& address);

// Succeeds when no one listens at `address`; the error is the system's words. Port 0 is always
// free.
std::expected<void, std::string> check_free(const Address& address);

}  // namespace proxy::io
