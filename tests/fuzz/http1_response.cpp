// HTTP/1 responses: the first byte seeds the cuts and chooses what was asked, the rest is the
// input. Cut anywhere, it reads the same, and every step makes progress.
#include "tests/fuzz/http1_cuts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr const char* methods[] = {"GET", "HEAD", "CONNECT", "POST"};
    http1_cuts::check(false, {data, size}, methods[size > 0 ? data[0] % 4 : 0]);
    return 0;
}
