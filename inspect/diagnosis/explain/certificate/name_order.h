// Distinguished names that look alike but are not the same.
#pragma once

#include <string_view>

namespace inspect::diagnosis {

// Whether two RFC 4514 names have the same attributes in another order, which makes them two names
// (RFC 5280 §7.1).
bool differ_only_in_order(std::string_view a, std::string_view b);

}  // namespace inspect::diagnosis
