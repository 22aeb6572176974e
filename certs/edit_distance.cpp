#include "certs/edit_distance.h"

#include <algorithm>
#include <vector>

namespace certs {

// Only what lies within `most` of the diagonal can matter (Ukkonen).
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
    const std::size_t too_far = most + 1;
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return too_far;
    std::vector<std::size_t> row(b.size() + 1, too_far);
    for (std::size_t j = 0; j <= std::min(b.size(), most); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t first = i > most ? i - most : 1;
        const std::size_t last = std::min(b.size(), i + most);
        std::size_t diagonal = row[first - 1];
        row[first - 1] = first == 1 ? i : too_far;
        std::size_t least = row[first - 1];
        for (std::size_t j = first; j <= last; ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
            least = std::min(least, row[j]);
        }
        if (least > most) return too_far;
    }
    return std::min(row[b.size()], too_far);
}

}  // namespace certs
