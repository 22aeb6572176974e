// Name resolution by the system's resolver, awaited.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "proxy/io/address.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace proxy::io {

struct ResolveError {
    enum class Kind { not_found, failed, timed_out } kind = Kind::failed;
    std::string reason;  // the resolver's words
};

struct Resolved {
    std::vector<Address> addresses;  // in the resolver's order (RFC 6724)
    std::string canonical_name;      // where the name's aliases end (CNAME); "" without an alias
};

// The addresses of `host` (a name or a numeric address) with `port`. `seconds` bounds the
// wait; the look-up itself ends on its helper thread.
Task<std::expected<Resolved, ResolveError>> resolve(Loop& loop, std::string host, std::uint16_t port, double seconds);

}  // namespace proxy::io
