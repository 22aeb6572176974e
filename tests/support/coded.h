// Text in the content codings, for tests of what undoes them.
#pragma once

#include <string>
#include <string_view>

namespace tests {

std::string gzip_of(std::string_view text);
std::string zlib_of(std::string_view text);
std::string raw_deflate_of(std::string_view text);
std::string brotli_of(std::string_view text);
std::string zstd_of(std::string_view text);

}  // namespace tests
