// Views and owners of raw bytes, and their readable form: hexadecimal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certs {

using Bytes = std::span<const std::uint8_t>;   // borrowed, never owned
using ByteVector = std::vector<std::uint8_t>;  // owned

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// `text` without the characters of `what` at either end; a view of `text`.
constexpr std::string_view trimmed(std::string_view text, std::string_view what = " \t") {
    const auto first = text.find_first_not_of(what);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(what) - first + 1);
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }  // of ASCII

// Lower-case hexadecimal without separators.
std::string hex(Bytes bytes);

}  // namespace certs
