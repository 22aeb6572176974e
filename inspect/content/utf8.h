// Whether bytes are UTF-8 (RFC 3629).
#pragma once

#include <string_view>

namespace inspect::content {

// Without overlong forms, surrogates and what lies above U+10FFFF. A last character that is not
// whole is no fault when `cut`.
bool is_utf8(std::string_view text, bool cut = false);

// The same, without controls other than tab, line feed, form feed, carriage return and escape:
// what a person wrote or a program wrote for one.
bool is_readable(std::string_view text, bool cut = false);

}  // namespace inspect::content
