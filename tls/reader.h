// A cursor over TLS's own encoding: big-endian numbers and vectors with a length before them (RFC
// 8446 §3). A read that runs out of bytes makes it bad for good, so that a parser may read on and
// check once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "certs/bytes.h"

namespace tls {

class Reader {
public:
    explicit Reader(certs::Bytes bytes) : rest_(bytes) {}

    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }

    // A number of `size` bytes, 1 to 4; 0 when there are not that many.
    std::uint32_t number(std::size_t size) {
        std::uint32_t value = 0;
        for (const std::uint8_t byte : bytes(size)) value = value << 8 | byte;
        return value;
    }
    // The next `size` bytes; empty when there are not that many.
    certs::Bytes bytes(std::size_t size) {
        if (size > rest_.size()) {
            good_ = false;
            rest_ = {};
            return {};
        }
        const certs::Bytes taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    // A vector with its length before it, in `length_size` bytes.
    certs::Bytes vector(std::size_t length_size) { return bytes(number(length_size)); }

private:
    certs::Bytes rest_;
    bool good_ = true;
};

}  // namespace tls
