// Text in the charsets that bodies still come in, as UTF-8 for who looks at it.
#pragma once

#include <string>
#include <string_view>

namespace inspect::content {

struct CharsetText {
    std::string text;       // UTF-8, without a byte order mark
    bool replaced = false;  // U+FFFD stands where bytes could not be read
    bool operator==(const CharsetText&) const = default;
};

// `charset` is a name as in Content-Type, in any case: UTF-8, UTF-16 (with LE or BE; else as its
// byte order mark says, little-endian without one), ISO-8859-1 and windows-1252, which are one
// (https://encoding.spec.whatwg.org/#names-and-labels). Of another charset, what is not UTF-8 is
// replaced. A last character that is not whole is left out when `cut`. At most three times as long.
CharsetText to_utf8(std::string_view bytes, std::string_view charset, bool cut = false);

// For what names no charset: UTF-8 where it is that, else windows-1252, as browsers have it.
std::string_view guessed_charset(std::string_view bytes, bool cut = false);

// In that charset: for a value that JSON is to hold.
std::string as_utf8(std::string_view bytes);

}  // namespace inspect::content
