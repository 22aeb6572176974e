// Percent-encoding as forms and queries have it (https://url.spec.whatwg.org/#urlencoded-parsing).
#pragma once

#include <string>
#include <string_view>

namespace inspect::http {

// The bytes that a name or a value stands for: '+' is a space. What is no escape stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace inspect::http
