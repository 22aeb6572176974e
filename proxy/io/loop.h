// One thread's event loop: it runs stories, timers and messages from other threads. Contains
// libuv's loop; no libuv type leaves this folder.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace proxy::io {

struct LoopState;

class Loop {
public:
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();  // asserts that every handle was closed

    // Runs until nothing is left to wait for (the mailbox does not count).
    void run();

    // Runs `message` on this loop's thread; may be called from any thread.
    void post(std::function<void()> message);

    // Ends every socket as its deadline would, and closes every listener. Each pending await then
    // returns an error, and its story unwinds. Own thread only.
    void close_all();

    LoopState& state() { return *state_; }

private:
    std::unique_ptr<LoopState> state_;
};

// Awaited by a story that has something to do for all others of this round of the loop: it goes on
// when they have run.
class EndOfRound {
public:
    explicit EndOfRound(Loop& loop) : loop_(loop) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> story);
    void await_resume() const noexcept {}

private:
    Loop& loop_;
};

// Calls back once, on the loop's thread. Destroying or stopping it cancels.
class Timer {
public:
    explicit Timer(Loop& loop);
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer();
    void start(double seconds, std::function<void()> callback);
    void stop();

private:
    struct State;
    State* state_;
};

// Of libuv, as it runs: "1.44.2".
std::string_view version_of_libuv();

}  // namespace proxy::io
