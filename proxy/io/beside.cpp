#include "proxy/io/beside.h"

#include <uv.h>

#include <coroutine>
#include <exception>
#include <utility>

#include "proxy/io/loop_state.h"

namespace proxy::io {

namespace {

struct Work {
    uv_work_t request{};
    std::function<void()> work;
    std::exception_ptr thrown;
    std::coroutine_handle<> waiting;
};

void run(uv_work_t* request) {
    Work& work = *static_cast<Work*>(request->data);
    try {
        work.work();
    } catch (...) { work.thrown = std::current_exception(); }
}

void on_done(uv_work_t* request, int) { static_cast<Work*>(request->data)->waiting.resume(); }

// The work is in the frame of the story that waits for it.
struct Done {
    Loop& loop;
    Work& work;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> story) {
        work.waiting = story;
        work.request.data = &work;
        CHECK_STATE(uv_queue_work(&loop.state().loop, &work.request, run, on_done) == 0);
    }
    void await_resume() const noexcept {}
};

}  // namespace

Task<> beside(Loop& loop, std::function<void()> work) {
    Work own{.work = std::move(work)};
    co_await Done{loop, own};
    if (own.thrown) std::rethrow_exception(own.thrown);
}

}  // namespace proxy::io
