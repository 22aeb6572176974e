// How far two words are from each other. Knows nothing of what they name.
#pragma once

#include <cstddef>
#include <string_view>

namespace certs {

// The characters inserted, deleted or changed until one is the other (Levenshtein's distance);
// `most` + 1 when they are more than `most`. The cost grows with the length times `most`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most);

}  // namespace certs
