// Servers whose certificate was found good a moment ago, with its revocation checked: they may be
// shown a client certificate inside the handshake, where nothing can be looked up. One memory for
// each loop. Knows nothing of connections.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "certs/time.h"
#include "certs/verdict.h"

namespace proxy {

class Vouched {
public:
    // The shortest time for which the looked-up answers are kept (lookup.h).
    static constexpr std::int64_t kept = 60;   // seconds
    static constexpr std::size_t most = 1000;  // the oldest go

    // Remembers that `path`, from the leaf to its anchor, is good for `name`, for so many seconds
    // from `now` on.
    void remember(const std::string& name, const certs::Path& path, certs::Time now);
    bool holds(const std::string& name, const certs::Path& path, certs::Time now) const;
    // Whether any path is good for `name`.
    bool knows(const std::string& name, certs::Time now) const;

private:
    using Digest = std::array<std::uint8_t, 32>;
    struct Entry {
        std::string name;
        Digest path;
        certs::Time until;
    };
    static Digest digest_of(const certs::Path& path);

    std::vector<Entry> oldest_first_;
};

}  // namespace proxy
