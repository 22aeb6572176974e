// What someone may have meant with a misspelt word: an option, a command, a key of a file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// Letters inserted, deleted or changed until one is the other (Levenshtein's distance).
std::size_t edits(std::string_view one, std::string_view other);

// The nearest of `words`, when it is near enough to have been meant; "" when none is.
std::string near_word(std::string_view word, const std::vector<std::string>& words);

}  // namespace proxy
