// Whether a record has begun and not ended, from the headers of the records only (RFC 8446 §5.1).
// Between two records nothing is incomplete.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "certs/bytes.h"

namespace tls {

class RecordEdge {
public:
    // The peer's bytes in order, in any portions.
    void take(certs::Bytes bytes) {
        while (!bytes.empty()) {
            if (left_ > 0) {
                const std::size_t size = std::min(left_, bytes.size());
                left_ -= size;
                bytes = bytes.subspan(size);
                continue;
            }
            header_[header_size_++] = bytes.front();
            bytes = bytes.subspan(1);
            if (header_size_ < header_.size()) continue;
            header_size_ = 0;
            left_ = static_cast<std::size_t>(header_[3]) << 8 | header_[4];
        }
    }

    bool inside() const { return header_size_ > 0 || left_ > 0; }

private:
    std::array<std::uint8_t, 5> header_{};
    std::size_t header_size_ = 0, left_ = 0;
};

}  // namespace tls
