#include "proxy/io/clock.h"

#include <uv.h>

#include <ctime>

namespace proxy::io {

certs::Time now() { return {std::time(nullptr)}; }

double clock_ms() { return static_cast<double>(uv_hrtime()) / 1e6; }

}  // namespace proxy::io
