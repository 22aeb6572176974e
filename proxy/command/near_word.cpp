#include "proxy/command/near_word.h"

#include <algorithm>
#include <cstddef>

#include "certs/edit_distance.h"

namespace proxy {

std::string near_word(std::string_view word, const std::vector<std::string>& words) {
    constexpr std::size_t longest = 64;
    // In edits: as many make another word.
    std::size_t best = word.size() > longest ? 0 : std::min<std::size_t>(word.size(), 3);
    std::string nearest;
    for (const std::string& each : words) {
        if (best == 0) break;
        if (const std::size_t distance = certs::edit_distance(word, each, best - 1); distance < best) {
            best = distance;
            nearest = each;
        }
    }
    return nearest;
}

}  // namespace proxy
