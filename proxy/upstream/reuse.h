// When a connection to a server may carry another request, as a value: what the server has announced of it (Keep-Alive), how often it has
// answered, since when it is idle. Whoever asks has the clock; whether the connection still stands is not known here.
#pragma once

#include <cstdint>
#include <optional>

#include "inspect/http/keep_alive.h"

namespace proxy {

class Reuse {
public:
    // Times are milliseconds of one clock. The connection is idle from its opening on.
    explicit Reuse(double opened = 0) : idle_since_(opened) {}

    // A response has ended, and said this of the connection.
    void answered(const inspect::http::KeepAlive& said, double at);

    // Not when the server's time-out has passed or is about to, nor when it has answered as many requests as it said: a request that crosses
    // with the close is lost (RFC 9112 §9.3.1). Nor when it was idle for so long that a gateway between may have forgotten it in silence.
    bool allows(double at) const;

private:
    bool is_used_up() const;

    double idle_since_ = 0;
    std::uint64_t answers_ = 0;
    std::optional<std::uint32_t> timeout_;          // as said last, in seconds
    std::optional<std::uint32_t> first_max_, max_;  // as said first and last
};

}  // namespace proxy
