#include "inspect/http/http2/frame_cutter.h"

#include <algorithm>

namespace inspect::http2 {

std::size_t FrameCutter::take(certs::Bytes input) {
    begun_ = false;
    if (preface_left_ > 0) {
        const std::size_t size = std::min(preface_left_, input.size());
        preface_left_ -= size;
        return size;
    }
    std::size_t used = 0;
    if (have_ < head_size) {
        used = std::min(head_size - have_, input.size());
        std::copy_n(input.begin(), used, bytes_.begin() + static_cast<std::ptrdiff_t>(have_));
        have_ += used;
        if (have_ < head_size) return used;
        const auto at = [&](std::size_t index) { return static_cast<std::uint32_t>(bytes_[index]); };
        frame_ = {.length = at(0) << 16 | at(1) << 8 | at(2),
                  .type = bytes_[3],
                  .flags = bytes_[4],
                  .stream = (at(5) & 0x7f) << 24 | at(6) << 16 | at(7) << 8 | at(8)};
        left_ = frame_.length;
        begun_ = true;
    }
    const std::size_t payload = std::min<std::size_t>(left_, input.size() - used);
    left_ -= static_cast<std::uint32_t>(payload);
    if (left_ == 0) have_ = 0;
    return used + payload;
}

}  // namespace inspect::http2
