#pragma once

#include <string_view>

namespace tests {

// Whether all of it can be shown as it is: its lines are valid UTF-8 without C0 or C1 controls and
// invisible formatting characters. Here, because this room is compiled optimized.
bool is_plain_text(std::string_view text);

}  // namespace tests
