#include "proxy/io/clock.h"

#include <uv.h>

#include <chrono>
#include <ctime>

namespace proxy::io {

certs::Time now() { return {std::time(nullptr)}; }

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

double clock_ms() { return static_cast<double>(uv_hrtime()) / 1e6; }

}  // namespace proxy::io
