// toml++, for those who read or write options in it.
#pragma once

#include <charconv>
#include <string>

// Debian's toml++ 3.3 declares a point unreachable that is reached for letters such as U+00E9. Only
// that check is wrong.
#pragma clang attribute push(__attribute__((no_sanitize("unreachable"))), apply_to = function)
#include <toml++/toml.h>
#pragma clang attribute pop

namespace proxy {

// Whether a text is TOML, and not empty.
inline bool is_toml(const std::string& text) {
    try {
        return !toml::parse(text).empty();
    } catch (const toml::parse_error&) { return false; }
}

}  // namespace proxy
