// What someone may have meant with a misspelt word: an option, a command, a key of a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// The nearest of `words`, when it is near enough to have been meant; "" when none is.
std::string near_word(std::string_view word, const std::vector<std::string>& words);

}  // namespace proxy
