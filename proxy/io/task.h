// Stories are coroutines: a Task is lazy, move-only and awaited once. A suspended frame is never
// destroyed: to end a story, close the socket that it waits for. An exception is a bug (CHECK): it
// ends the story, not the process.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "proxy/io/frame_pool.h"

namespace proxy::io {

// An impossible state; thrown by CHECK, reported where the story was spawned.
struct Bug : std::logic_error {
    using std::logic_error::logic_error;
};

#define WHYTLS_TEXT_OF(x) #x
#define WHYTLS_TEXT(x) WHYTLS_TEXT_OF(x)
#define CHECK_STATE(condition) \
    ((condition) ? static_cast<void>(0) : throw ::proxy::io::Bug(__FILE__ ":" WHYTLS_TEXT(__LINE__) ": " #condition))

template <class T>
class Task;

namespace detail {

struct PromiseBase {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr exception;

    struct FinalAwaiter {
        bool await_ready() noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
            return done.promise().continuation;
        }
        void await_resume() noexcept {}
    };
    static void* operator new(std::size_t size) { return FramePool::of_thread().take(size); }
    static void operator delete(void* frame, std::size_t size) { FramePool::of_thread().give(frame, size); }

    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() { exception = std::current_exception(); }
    void rethrow() const {
        if (exception) std::rethrow_exception(exception);
    }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        rethrow();
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() {}
    void take() { rethrow(); }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    auto operator co_await() && {
        struct Awaiter {
            std::coroutine_handle<promise_type> handle;
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
                handle.promise().continuation = awaiting;
                return handle;
            }
            T await_resume() { return handle.promise().take(); }
        };
        return Awaiter{handle_};
    }

private:
    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

// A root coroutine: starts at once and frees itself at its end.
struct Root {
    struct promise_type {
        static void* operator new(std::size_t size) { return FramePool::of_thread().take(size); }
        static void operator delete(void* frame, std::size_t size) { FramePool::of_thread().give(frame, size); }

        Root get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

template <class OnBug>
Root run(Task<> story, OnBug on_bug) {
    try {
        co_await std::move(story);
    } catch (const std::exception& bug) { on_bug(bug); }
}

}  // namespace detail

// Starts a story that no one awaits. `on_bug(const std::exception&)` receives what it threw.
template <class OnBug>
void spawn(Task<> story, OnBug on_bug) {
    detail::run(std::move(story), std::move(on_bug));
}

// A story that runs beside its parent and must be joined before the parent ends. Neither copied nor
// moved.
class Child {
public:
    explicit Child(Task<> story) { drive(*this, std::move(story)); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool is_done() const { return done_; }
    // Awaits the end of the story; throws what it threw.
    auto join() {
        struct Awaiter {
            Child& child;
            bool await_ready() const noexcept { return child.done_; }
            void await_suspend(std::coroutine_handle<> parent) noexcept { child.parent_ = parent; }
            void await_resume() const {
                if (child.exception_) std::rethrow_exception(child.exception_);
            }
        };
        return Awaiter{*this};
    }

private:
    static detail::Root drive(Child& child, Task<> story) {
        try {
            co_await std::move(story);
        } catch (...) { child.exception_ = std::current_exception(); }
        child.done_ = true;
        if (child.parent_) child.parent_.resume();  // may end the parent, and with it `child`
    }
    bool done_ = false;
    std::coroutine_handle<> parent_;
    std::exception_ptr exception_;
};

}  // namespace proxy::io
