// The two clocks: one for what time it is, one for how long something took.
#pragma once

#include "certs/time.h"

namespace proxy::io {

// The wall clock, to the second.
certs::Time now();

// A monotonic clock for measuring, in milliseconds.
double clock_ms();

}  // namespace proxy::io
