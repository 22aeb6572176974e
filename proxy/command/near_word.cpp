#include "proxy/command/near_word.h"

#include <algorithm>
#include <cstddef>

#include "certs/edit_distance.h"

namespace proxy {

namespace {

// "exce" for "exec".
bool is_reordered(std::string word, std::string other) {
    std::ranges::sort(word);
    std::ranges::sort(other);
    return word == other;
}

// The edits that may part a word from the one that was meant. Of a short one without the dashes of
// an option fewer, for two make another word; letters that have changed places are still the same.
std::size_t most_edits(std::string_view word, const std::string& meant) {
    const std::size_t size = word.size() - std::min(word.find_first_not_of('-'), word.size());
    return size > 2 && is_reordered(std::string(word), meant) ? 2 : std::min<std::size_t>(size * 2 / 5, 2);
}

}  // namespace

std::string near_word(std::string_view word, const std::vector<std::string>& words) {
    constexpr std::size_t longest = 64;
    if (word.size() > longest) return "";
    std::size_t best = 3;  // one more than may ever be
    std::string nearest;
    for (const std::string& each : words) {
        if (best == 0) break;
        const std::size_t most = std::min(most_edits(word, each), best - 1);
        if (const std::size_t distance = certs::edit_distance(word, each, most); distance <= most) {
            best = distance;
            nearest = each;
        }
    }
    return nearest;
}

}  // namespace proxy
