#include "proxy/command/near_word.h"

#include <algorithm>
#include <numeric>

namespace proxy {

std::size_t edits(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string near_word(std::string_view word, const std::vector<std::string>& words) {
    constexpr std::size_t longest = 64;
    // In edits: as many make another word.
    std::size_t best = word.size() > longest ? 0 : std::min<std::size_t>(word.size(), 3);
    std::string nearest;
    for (const std::string& each : words) {
        if (const std::size_t distance = edits(word, each); distance < best) {
            best = distance;
            nearest = each;
        }
    }
    return nearest;
}

}  // namespace proxy
