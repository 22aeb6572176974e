// The fields of application/x-www-form-urlencoded and of a URL's query
// (https://url.spec.whatwg.org/#urlencoded-parsing).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inspect::content {

struct FormFields {
    std::vector<std::pair<std::string, std::string>> fields;  // decoded, in UTF-8
    bool more = false;                                        // than `most`
};

// A field without "=" has the value "". What is no escape stays as it is.
FormFields form_fields(std::string_view text, std::size_t most);

}  // namespace inspect::content
