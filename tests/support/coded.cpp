#include "tests/support/coded.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>

namespace tests {

namespace {

void require(bool condition) {
    if (!condition) throw std::logic_error("a text could not be coded");
}

// As zlib has the window: negative for raw deflate, +16 for gzip.
std::string deflated(std::string_view text, int window_bits) {
    z_stream stream{};
    require(::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string coded(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(coded.data());
    stream.avail_out = static_cast<uInt>(coded.size());
    require(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    coded.resize(stream.total_out);
    ::deflateEnd(&stream);
    return coded;
}

}  // namespace

std::string gzip_of(std::string_view text) { return deflated(text, 16 + MAX_WBITS); }
std::string zlib_of(std::string_view text) { return deflated(text, MAX_WBITS); }
std::string raw_deflate_of(std::string_view text) { return deflated(text, -MAX_WBITS); }

std::string brotli_of(std::string_view text) {
    constexpr int quality = 5;
    std::size_t size = ::BrotliEncoderMaxCompressedSize(text.size());
    std::string coded(size, '\0');
    require(::BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_DEFAULT_MODE, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(coded.data())) == BROTLI_TRUE);
    coded.resize(size);
    return coded;
}

std::string zstd_of(std::string_view text) {
    std::string coded(::ZSTD_compressBound(text.size()), '\0');
    const std::size_t size = ::ZSTD_compress(coded.data(), coded.size(), text.data(), text.size(), ZSTD_CLEVEL_DEFAULT);
    require(::ZSTD_isError(size) == 0U);
    coded.resize(size);
    return coded;
}

}  // namespace tests
