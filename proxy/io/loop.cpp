#include "proxy/io/loop.h"

#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "proxy/io/loop_state.h"

namespace proxy::io {

namespace {

void deliver(uv_async_t* mailbox) {
    auto& state = *static_cast<LoopState*>(mailbox->data);
    std::vector<std::function<void()>> messages;
    {
        const std::lock_guard lock(state.mutex);
        messages.swap(state.messages);
    }
    for (const auto& message : messages) message();
}

void go_on(uv_check_t* after) {
    auto& state = *static_cast<LoopState*>(after->data);
    uv_idle_stop(&state.idle);
    uv_check_stop(after);
    const auto stories = std::exchange(state.waiting, {});
    state.crowd = stories.size();
    for (const std::coroutine_handle<> story : stories) story.resume();  // may have to wait again
    if (state.waiting.empty()) state.crowd = 0;
}

}  // namespace

void LoopState::go_on_later(std::coroutine_handle<> story) {
    waiting.push_back(story);
    uv_idle_start(&idle, [](uv_idle_t*) {});
    uv_check_start(&after, go_on);
}

void EndOfRound::await_suspend(std::coroutine_handle<> story) { loop_.state().go_on_later(story); }

Loop::Loop() : state_(std::make_unique<LoopState>()) {
    uv_loop_init(&state_->loop);
    uv_async_init(&state_->loop, &state_->mailbox, deliver);
    state_->mailbox.data = state_.get();
    uv_unref(reinterpret_cast<uv_handle_t*>(&state_->mailbox));
    uv_idle_init(&state_->loop, &state_->idle);
    uv_check_init(&state_->loop, &state_->after);
    state_->after.data = state_.get();
}

Loop::~Loop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->mailbox), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->idle), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->after), nullptr);
    uv_run(&state_->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&state_->loop) != 0) {
        std::fputs("whytls: bug: a loop ended with open handles\n", stderr);
        uv_print_all_handles(&state_->loop, stderr);
        std::abort();
    }
}

void Loop::run() { uv_run(&state_->loop, UV_RUN_DEFAULT); }

void Loop::post(std::function<void()> message) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->messages.push_back(std::move(message));
    }
    uv_async_send(&state_->mailbox);
}

void Loop::close_all() {
    // Closing unlinks, and a story that unwinds may remove others.
    while (state_->open) state_->open->end();
}

struct Timer::State {
    uv_timer_t handle;
    std::function<void()> callback;
};

Timer::Timer(Loop& loop) : state_(new State) {
    uv_timer_init(&loop.state().loop, &state_->handle);
    state_->handle.data = state_;
}

Timer::~Timer() {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

void Timer::start(double seconds, std::function<void()> callback) {
    state_->callback = std::move(callback);
    uv_timer_start(
        &state_->handle,
        [](uv_timer_t* handle) {
            const auto callback = std::move(static_cast<State*>(handle->data)->callback);
            callback();
        },
        static_cast<std::uint64_t>(seconds * 1000), 0);
}

void Timer::stop() { uv_timer_stop(&state_->handle); }

std::string_view version_of_libuv() { return uv_version_string(); }

}  // namespace proxy::io
