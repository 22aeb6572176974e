// The invariants of both HTTP/1 fuzz targets: whole, byte by byte and in pieces an input has the
// same events, heads and forwarded bytes; and what was forwarded is in the input.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/inspect/http_transcript.h"

namespace http1_cuts {

inline void check(bool requests, certs::Bytes data, std::string_view method) {
    if (data.empty()) return;
    std::uint32_t seed = data.front();
    const std::string_view input = certs::as_text(data.subspan(1));
    const inspect::http::Limits limits{.head = 512, .trailers = 128};
    std::vector<std::string_view> bytes, pieces;
    for (std::size_t i = 0; i < input.size(); ++i) bytes.push_back(input.substr(i, 1));
    for (std::string_view rest = input; !rest.empty();) {
        seed = seed * 1'664'525 + 1'013'904'223;
        const std::size_t size = std::min<std::size_t>(rest.size(), 1 + (seed >> 24) % 24);
        pieces.push_back(rest.substr(0, size));
        rest.remove_prefix(size);
    }
    const auto whole = http_transcript::play(requests, {input}, method, limits);
    if (whole.passed.size() > input.size()) std::abort();
    if (http_transcript::play(requests, bytes, method, limits) != whole) std::abort();
    if (http_transcript::play(requests, pieces, method, limits) != whole) std::abort();
}

}  // namespace http1_cuts
