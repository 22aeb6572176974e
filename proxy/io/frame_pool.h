// Memory for the frames of coroutines. Each request needs some of several KiB, of always the same
// sizes: for those, the general allocator costs more than the request's parsing.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace proxy::io {

// Free frames of the calling thread, by their size. A frame that another thread frees stays there.
class FramePool {
public:
    static FramePool& of_thread() {
        thread_local FramePool pool;
        return pool;
    }
    FramePool() = default;
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;
    ~FramePool() {
        for (Free* list : free_)
            while (list != nullptr) ::operator delete(std::exchange(list, list->next));
    }

    void* take(std::size_t size) {
        const std::size_t at = index_of(size);
        if (is_watched || at >= classes) return ::operator new(size);
        Free* first = free_[at];
        if (first == nullptr) return ::operator new((at + 1) * step);
        free_[at] = first->next;
        kept_ -= (at + 1) * step;
        return first;
    }
    // `size` as it was taken.
    void give(void* frame, std::size_t size) {
        const std::size_t at = index_of(size);
        if (is_watched || at >= classes || kept_ >= most_kept) return ::operator delete(frame);
        free_[at] = ::new (frame) Free{free_[at]};
        kept_ += (at + 1) * step;
    }

private:
    struct Free {
        Free* next;
    };
    // A frame that is used after its end is found only where its memory is given back.
#if defined(__SANITIZE_ADDRESS__)
    static constexpr bool is_watched = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    static constexpr bool is_watched = true;
#else
    static constexpr bool is_watched = false;
#endif
#else
    static constexpr bool is_watched = false;
#endif
    static constexpr std::size_t step = 128, classes = 64;     // up to 8 KiB
    static constexpr std::size_t most_kept = 4 * 1024 * 1024;  // bytes
    static std::size_t index_of(std::size_t size) { return (size - 1) / step; }

    std::array<Free*, classes> free_{};
    std::size_t kept_ = 0;
};

}  // namespace proxy::io
