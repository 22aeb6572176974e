#include "inspect/diagnosis/given_option.h"

#include <algorithm>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

std::string as_words(const std::vector<GivenOption>& given, std::initializer_list<std::string_view> without) {
    std::string words;
    for (const GivenOption& option : given) {
        if (std::ranges::find(without, option.name) != without.end()) continue;
        words += " " + option.name;
        if (!option.value.empty()) words += " " + shell_word(option.value);
    }
    return words;
}

}  // namespace inspect::diagnosis
