// 64 KiB blocks for bytes in transit, held only while there are any: an idle connection owns none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "certs/bytes.h"

namespace proxy::io {

// As much as four full TLS records: large enough that a bulk transfer costs few system calls.
constexpr std::size_t block_size = 65'536;

using Block = std::unique_ptr<std::uint8_t[]>;

// Free blocks. One pool for each loop, so there is no lock.
class BufferPool {
public:
    Block take() {
        if (free_.empty()) return std::make_unique_for_overwrite<std::uint8_t[]>(block_size);
        Block block = std::move(free_.back());
        free_.pop_back();
        return block;
    }
    void give(Block block) {
        if (free_.size() < most_kept) free_.push_back(std::move(block));
    }

private:
    static constexpr std::size_t most_kept = 64;  // 4 MiB for each loop
    std::vector<Block> free_;
};

// A queue of at most one block: bytes are added at its back and consumed from its front.
class Buffer {
public:
    explicit Buffer(BufferPool& pool) : pool_(&pool) {}
    Buffer(Buffer&& other) noexcept = default;
    Buffer& operator=(Buffer&& other) noexcept = default;
    ~Buffer() { release(); }

    certs::Bytes bytes() const { return {block_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }

    // Room at the back. Takes a block when there is none. When the back is reached, moves the
    // remaining bytes to the front.
    std::span<std::uint8_t> room() {
        if (!block_) block_ = pool_->take();
        if (end_ == block_size && begin_ > 0) compact();
        return {block_.get() + end_, block_size - end_};
    }
    void filled(std::size_t size) { end_ += size; }
    void consume(std::size_t size) {
        begin_ += size;
        if (begin_ == end_) release();
    }
    // Gives the block back when it is empty.
    void release_if_empty() {
        if (empty()) release();
    }

private:
    void compact() {
        std::copy(block_.get() + begin_, block_.get() + end_, block_.get());
        end_ -= begin_;
        begin_ = 0;
    }
    void release() {
        if (block_) pool_->give(std::move(block_));
        begin_ = end_ = 0;
    }
    BufferPool* pool_;
    Block block_;
    std::size_t begin_ = 0, end_ = 0;
};

}  // namespace proxy::io
