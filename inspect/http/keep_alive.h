// How long a server says it keeps an idle connection: the Keep-Alive field (RFC 2068 §19.7.1.1), as
// Apache, nginx and Node send it. Knows no clock and no connection.
#pragma once

#include <cstdint>
#include <optional>

#include "inspect/http/message.h"

namespace inspect::http {

struct KeepAlive {
    std::optional<std::uint32_t> timeout;  // seconds that the connection may be idle
    std::optional<std::uint32_t> max;      // requests that it may still carry, or may carry in all: servers mean either
    bool operator==(const KeepAlive&) const = default;
};

// Parameters are named case-insensitively, in any order and on any number of lines; of a repeated
// one, the least value counts. One whose value is not a number is left out. A number above
// 2^32 - 1 is read as 2^32 - 1.
KeepAlive keep_alive_of(const Fields& fields);

}  // namespace inspect::http
