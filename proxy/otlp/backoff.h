// How long to wait before something is tried again: twice as long each time, less a random part, so
// that many proxies do not come back to a collector all at once; or as long as the server said, but
// not at once.
#pragma once

#include <optional>
#include <random>
#include <string_view>

#include "certs/time.h"

namespace proxy {

class Backoff {
public:
    static constexpr double first = 1, most = 30;  // seconds
    static constexpr double most_asked = 3'600;    // … that a server may ask for

    explicit Backoff(std::uint64_t seed) : random_(seed) {}

    // The next pause, in seconds. `asked` is what the server said (retry_after).
    double next(std::optional<double> asked);

private:
    std::minstd_rand random_;
    double pause_ = first;
};

// The value of a Retry-After field (RFC 9110 §10.2.3) in seconds from `now`; nullopt when it is
// neither a number nor a date.
std::optional<double> retry_after(std::string_view value, certs::Time now);

}  // namespace proxy
