#include "inspect/content/gzip.h"

#include <zlib.h>

#include <new>

namespace inspect::content {

std::string gzip(std::string_view text) {
    constexpr int window_bits = 15 + 16;  // zlib's way to ask for gzip
    constexpr int memory_level = 8;       // zlib's default
    z_stream stream{};
    if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string coded(::deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(coded.data());
    stream.avail_out = static_cast<uInt>(coded.size());
    // One call is enough: the room is deflateBound's.
    ::deflate(&stream, Z_FINISH);
    coded.resize(stream.total_out);
    ::deflateEnd(&stream);
    return coded;
}

}  // namespace inspect::content
