// Ciphertext that waits for the peer or for the library: appended at the back, dropped at the
// front. An empty queue owns no memory: it leaves it to the next that is used on the same thread, so
// that one piece, warm in the cache, serves all connections that send at once.
#pragma once

#include <cstddef>

#include "certs/bytes.h"

namespace tls {

class ByteQueue {
public:
    certs::Bytes bytes() const { return certs::Bytes(bytes_).subspan(begin_); }

    void append(certs::Bytes more) {
        take_spare();
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
        take_spare();
        constexpr std::size_t record = 16'384, overhead = 64;  // header, nonce, MAC, padding: 64 bytes suffice
        const std::size_t wanted = bytes_.size() + plaintext + (plaintext / record + 1) * overhead;
        if (wanted > bytes_.capacity()) bytes_.reserve(wanted > 2 * bytes_.capacity() ? wanted : 2 * bytes_.capacity());
    }

    void drop(std::size_t size) {
        begin_ += size;
        if (begin_ < bytes_.size()) return;
        leave_memory();
        begin_ = 0;
    }

private:
    static constexpr std::size_t most_spare = 131'072;  // of a block of plaintext, and more

    static certs::ByteVector& spare() {
        thread_local certs::ByteVector memory;
        return memory;
    }
    void take_spare() {
        if (bytes_.capacity() == 0) bytes_.swap(spare());
    }
    void leave_memory() {
        bytes_.clear();
        if (bytes_.capacity() > spare().capacity() && bytes_.capacity() <= most_spare) bytes_.swap(spare());
        bytes_ = certs::ByteVector();  // "= {}" would keep the memory
    }

    certs::ByteVector bytes_;
    std::size_t begin_ = 0;
};

}  // namespace tls
