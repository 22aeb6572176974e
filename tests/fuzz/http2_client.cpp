// A client's session of HTTP/2, with three requests under way, on arbitrary bytes. See
// http2_session.h.
#include "tests/fuzz/http2_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    http2_session::check(false, {data, size});
    return 0;
}
