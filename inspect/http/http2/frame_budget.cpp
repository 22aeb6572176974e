#include "inspect/http/http2/frame_budget.h"

#include <algorithm>

namespace inspect::http2 {

void FrameBudget::at(std::uint64_t now_ms) {
    constexpr std::uint64_t longest = 60'000;  // fills both
    if (last_ms_ != 0 && now_ms > last_ms_) {
        const auto passed = static_cast<std::int64_t>(std::min(now_ms - last_ms_, longest));
        // What is less than one stays to be earned: many calls a second must not earn nothing.
        if (passed * resets_a_second < 1000) return;
        earn(frames_, passed * frames_a_second / 1000, most_frames);
        earn(resets_, passed * resets_a_second / 1000, most_resets);
    }
    last_ms_ = std::max(last_ms_, now_ms);
}

void FrameBudget::sent_head() {
    earn(frames_, 10, most_frames);
    earn(resets_, 1, most_resets);
}

void FrameBudget::earn(std::int64_t& purse, std::int64_t amount, std::int64_t most) {
    purse = std::min(purse + amount, most);
}

}  // namespace inspect::http2
