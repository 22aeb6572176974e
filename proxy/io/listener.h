// A listening TCP socket that hands each accepted connection to its owner.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "proxy/io/address.h"
#include "proxy/io/loop.h"
#include "proxy/io/socket.h"

namespace proxy::io {

// Move-only by pointer semantics: lives until it is destroyed or closed.
class Listener {
public:
    using Accepted = std::function<void(Socket)>;
    using Exhausted = std::function<void()>;

    // Listens at `address` (port 0: a free one). With `shared` several loops may listen at one address and the kernel
    // spreads the connections; the caller makes sure first that nobody else has it. `exhausted` is told each time that descriptors
    // are about to run out: accepting pauses then, and clients wait. The error is the system's words.
    static std::expected<Listener, std::string> open(
        Loop& loop, const Address& address, bool shared, Accepted accepted, Exhausted exhausted = [] {});
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

// Whether connecting to `address` reaches one of these listeners, by whichever of this machine's addresses.
bool leads_to(const std::vector<Address>& listeners, const Address& address);

// Whether nobody listens at `address`; else the system's words. Port 0 is always free.
std::expected<void, std::string> check_free(const Address& address);

}  // namespace proxy::io
