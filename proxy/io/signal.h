// An event that stories of one loop wait for together. The next notify() resumes all who wait; each
// then checks again whether what it waits for has come. Someone must call notify() in the end, for
// a suspended story is never destroyed.
#pragma once

#include <coroutine>
#include <utility>
#include <vector>

namespace proxy::io {

class Signal {
public:
    auto wait() {
        struct Awaiter {
            Signal& signal;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> story) { signal.waiting_.push_back(story); }
            void await_resume() const noexcept {}
        };
        return Awaiter{*this};
    }

    // Resumes all who wait now, in their order.
    void notify() {
        for (const std::coroutine_handle<> story : std::exchange(waiting_, {})) story.resume();
    }

private:
    std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace proxy::io
