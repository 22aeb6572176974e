// Inside proxy/io only: what the handles of one loop share.
#pragma once

#include <uv.h>

#include <coroutine>
#include <functional>
#include <mutex>
#include <vector>

#include "proxy/io/buffer.h"

namespace proxy::io {

// A link in the list of what close_all() closes.
struct Closable {
    Closable* next = nullptr;
    Closable** back = nullptr;
    virtual void end() = 0;

    void link(Closable*& head) {
        next = head;
        if (next) next->back = &next;
        back = &head;
        head = this;
    }
    void unlink() {
        if (!back) return;
        *back = next;
        if (next) next->back = back;
        back = nullptr;
    }

protected:
    ~Closable() = default;
};

struct LoopState {
    uv_loop_t loop;
    uv_async_t mailbox;
    std::mutex mutex;  // guards messages
    std::vector<std::function<void()>> messages;
    Closable* open = nullptr;  // sockets, listeners, connection attempts
    BufferPool buffers;

    // Stories that have had their turn. They resume after the others have run: `idle` keeps the
    // loop from waiting while there are any, and `after` resumes them after the others.
    std::vector<std::coroutine_handle<>> waiting;
    std::size_t crowd = 0;  // how many of them there were in this round
    uv_idle_t idle;
    uv_check_t after;
    void go_on_later(std::coroutine_handle<> story);
};

}  // namespace proxy::io
