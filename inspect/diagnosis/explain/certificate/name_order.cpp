#include "inspect/diagnosis/explain/certificate/name_order.h"

#include <algorithm>
#include <string>
#include <vector>

namespace inspect::diagnosis {

namespace {

// The attributes of an RFC 4514 name, sorted.
std::vector<std::string> sorted_attributes(std::string_view name) {
    std::vector<std::string> attributes(1);
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (name[at] == ',') {
            attributes.emplace_back();
            continue;
        }
        // A comma that it escapes does not separate two attributes.
        if (name[at] == '\\' && at + 1 < name.size()) attributes.back() += name[at++];
        attributes.back() += name[at];
    }
    std::ranges::sort(attributes);
    return attributes;
}

}  // namespace

bool differ_only_in_order(std::string_view a, std::string_view b) {
    return a != b && sorted_attributes(a) == sorted_attributes(b);
}

}  // namespace inspect::diagnosis
