#include "inspect/http/http2/frame_cutter.h"

#include <algorithm>

namespace inspect::http2 {

// A length, type 4, no flags, stream 0.
bool begins_settings(std::string_view bytes) {
    using namespace std::string_view_literals;
    return bytes.size() >= 9 && bytes.starts_with("\0\0"sv) && bytes.substr(3, 6) == "\4\0\0\0\0\0"sv;
}

FrameCutter::Cut FrameCutter::take(certs::Bytes input) {
    if (preface_left_ > 0) {
        const std::size_t size = std::min(preface_left_, input.size());
        preface_left_ -= size;
        return {.used = size, .begins = {}, .head = {}, .rest = input.first(size)};
    }
    Cut cut;
    if (have_ < head_size) {
        cut.used = std::min(head_size - have_, input.size());
        std::copy_n(input.begin(), cut.used, bytes_.begin() + static_cast<std::ptrdiff_t>(have_));
        have_ += cut.used;
        if (have_ < head_size) return cut;
        const auto at = [&](std::size_t index) { return static_cast<std::uint32_t>(bytes_[index]); };
        cut.begins = {.length = at(0) << 16 | at(1) << 8 | at(2),
                      .type = bytes_[3],
                      .flags = bytes_[4],
                      .stream = (at(5) & 0x7f) << 24 | at(6) << 16 | at(7) << 8 | at(8)};
        left_ = cut.begins->length;
        cut.head = bytes_;
    }
    cut.rest = input.subspan(cut.used, std::min<std::size_t>(left_, input.size() - cut.used));
    cut.used += cut.rest.size();
    left_ -= static_cast<std::uint32_t>(cut.rest.size());
    if (left_ == 0) have_ = 0;
    return cut;
}

}  // namespace inspect::http2
