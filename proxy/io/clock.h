// The two clocks: one for what time it is, one for how long something took.
#pragma once

#include <cstdint>

#include "certs/time.h"

namespace proxy::io {

// The wall clock, to the second.
certs::Time now();

// … in milliseconds since 1970 in UTC.
std::int64_t unix_ms();

// A monotonic clock for measuring, in milliseconds.
double clock_ms();

}  // namespace proxy::io
