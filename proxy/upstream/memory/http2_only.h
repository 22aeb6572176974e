// Servers that were offered nothing but h2 and spoke it (RFC 9113 §3.2), after they had not taken
// HTTP/1.1: for a while they are offered h2 at once, so that no request is sent to them in vain.
// Bounded; shared between threads.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace proxy {

class Http2Only {
public:
    // `server` names it; `now` is in the time of io::clock_ms().
    void remember(const std::string& server, double now);
    bool holds(const std::string& server, double now) const;
    // It did not agree to h2 any more. Returns whether it was remembered.
    bool forget(const std::string& server);

private:
    static constexpr double kept = 600'000;     // milliseconds
    static constexpr std::size_t most = 1'000;  // servers; beyond that none is added

    mutable std::mutex mutex_;
    std::unordered_map<std::string, double> until_;
};

}  // namespace proxy
