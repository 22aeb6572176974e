// What a page is made of, read strictly: every element closed in order, every attribute quoted,
// every '<' and '&' escaped.
#pragma once

#include <map>
#include <set>
#include <string>

namespace tests {

struct PageElements {
    std::map<std::string, int> counts;
    std::set<std::string> attributes;
    std::string error;  // the first thing that is wrong; "" when nothing is
};

PageElements elements_of(const std::string& page);

}  // namespace tests
