// Ciphertext that waits for the peer or for the library: appended at the back, dropped at the
// front, its memory released when empty.
#pragma once

#include <cstddef>

#include "certs/bytes.h"

namespace tls {

class ByteQueue {
public:
    certs::Bytes bytes() const { return certs::Bytes(bytes_).subspan(begin_); }

    void append(certs::Bytes more) {
        // What was already sent is removed only when moving the rest is less work than sending it
        // was.
        if (begin_ > bytes_.size() / 2) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
        bytes_.insert(bytes_.end(), more.begin(), more.end());
    }

    // Reserves room for the records of so much plaintext, so that they are not copied while the
    // queue grows.
    void expect(std::size_t plaintext) {
        constexpr std::size_t record = 16'384, overhead = 64;  // header, nonce, MAC, padding: 64 bytes suffice
        const std::size_t wanted = bytes_.size() + plaintext + (plaintext / record + 1) * overhead;
        if (wanted > bytes_.capacity()) bytes_.reserve(wanted > 2 * bytes_.capacity() ? wanted : 2 * bytes_.capacity());
    }

    void drop(std::size_t size) {
        begin_ += size;
        if (begin_ < bytes_.size()) return;
        bytes_ = certs::ByteVector();  // "= {}" would keep the memory
        begin_ = 0;
    }

private:
    certs::ByteVector bytes_;
    std::size_t begin_ = 0;
};

}  // namespace tls
