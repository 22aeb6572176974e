// Chunked bodies. For a body that the judge finds complete, the data comes without the framing, and
// has as many bytes as the judge counted. For any other bytes, there are never more than came in.
#include "inspect/http/http1/chunked.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::http;
    const certs::Bytes input(data, size);
    if (without_chunks(input).size() > size) std::abort();
    ChunkedBody judge(128);
    std::size_t used = 0;
    const auto complete = judge.take(input, used);
    if (complete && *complete && without_chunks(input.first(used)).size() != judge.data_bytes()) std::abort();
    return 0;
}
