#include "tests/support/json.h"

#include <nlohmann/json.hpp>

namespace tests {

bool is_json(std::string_view text) { return nlohmann::json::accept(text); }

}  // namespace tests
