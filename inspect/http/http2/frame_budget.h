// How much a peer may ask of us for nothing (RFC 9113 §10.5): each frame costs, useful work earns.
// Whoever floods us with frames that carry nothing, or opens streams only to reset them, runs out.
// Has no clock: the time comes in.
#pragma once

#include <cstdint>

namespace inspect::http2 {

class FrameBudget {
public:
    // Frames above the useful ones: at once, and for each second after that. A client that sends
    // two WINDOW_UPDATE for each DATA frame stays within what the DATA earns.
    static constexpr std::int64_t most_frames = 10'000, frames_a_second = 1'000;
    // Streams that were reset before they were answered (CVE-2023-44487, CVE-2025-8671): a page
    // that is left resets some hundreds at once.
    static constexpr std::int64_t most_resets = 500, resets_a_second = 50;
    // The least payload of a DATA frame that is worth its frame: a gRPC message's prefix is 5.
    static constexpr std::uint32_t least_data = 5;

    // `now_ms` on any clock that never runs back; 0 when the caller has none.
    void at(std::uint64_t now_ms);
    // False when the budget is spent. SETTINGS change every stream, and cost more.
    bool pay_frame(std::int64_t cost = 1) { return (frames_ -= cost) >= 0; }
    bool pay_reset() { return --resets_ >= 0; }

    void received_useful() { earn(frames_, 1, most_frames); }  // pays back its frame
    void sent_data() { earn(frames_, 3, most_frames); }
    void sent_head();  // a response, or a request

private:
    static void earn(std::int64_t& purse, std::int64_t amount, std::int64_t most);

    std::int64_t frames_ = most_frames, resets_ = most_resets;
    std::uint64_t last_ms_ = 0;
};

}  // namespace inspect::http2
