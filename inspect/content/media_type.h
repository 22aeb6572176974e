// The value of Content-Type and of a part's Content-Disposition: a name and its parameters
// (RFC 9110 §8.3.1, §5.6.6).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inspect::content {

struct MediaType {
    std::string name;                                             // "text/html", in lower case; "" when there is none
    std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, values without quotes

    // "" when there is none of that name.
    std::string_view parameter(std::string_view name) const;
    bool operator==(const MediaType&) const = default;
};

// What is not well-formed is left out.
MediaType parse_media_type(std::string_view value);

}  // namespace inspect::content
