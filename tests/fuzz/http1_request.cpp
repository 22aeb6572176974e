// HTTP/1 requests: the first byte seeds the cuts, the rest is the input. Cut anywhere, it reads the
// same, and every step makes progress.
#include "tests/fuzz/http1_cuts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    http1_cuts::check(true, {data, size}, "GET");
    return 0;
}
