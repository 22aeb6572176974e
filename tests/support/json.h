#pragma once

#include <string_view>

namespace tests {

// Whether it is one JSON text (RFC 8259). Here, because this room is compiled optimized.
bool is_json(std::string_view text);

}  // namespace tests
