// A server's session of HTTP/2 on arbitrary bytes. See http2_session.h.
#include "tests/fuzz/http2_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    http2_session::check(true, {data, size});
    return 0;
}
