// Decides, as a value, when a connection to a server may carry another request: from what the
// server has announced about it (Keep-Alive), how often it has answered, and since when it is idle.
// The caller has the clock. Whether the connection still stands is not known here.
#pragma once

#include <cstdint>
#include <optional>

#include "inspect/http/keep_alive.h"

namespace proxy {

class Reuse {
public:
    // Times are milliseconds of one clock. The connection is idle from its opening on.
    explicit Reuse(double opened = 0) : idle_since_(opened) {}

    // A response has ended, and said this about the connection.
    void answered(const inspect::http::KeepAlive& said, double at);

    // False when the server's time-out has passed or is about to, and when it has answered as many
    // requests as it announced: a request that crosses with the close is lost (RFC 9112 §9.3.1).
    // False too when the connection was idle for so long that a gateway in between may have
    // silently forgotten it.
    bool allows(double at) const;

private:
    bool is_used_up() const;

    double idle_since_ = 0;
    std::uint64_t answers_ = 0;
    std::optional<std::uint32_t> timeout_;          // the last value, in seconds
    std::optional<std::uint32_t> first_max_, max_;  // the first and the last value
};

}  // namespace proxy
