// Inside proxy/io only: the heap block in which a socket's libuv handles live until both are
// closed.
#pragma once

#include <uv.h>

#include <coroutine>
#include <cstdint>
#include <optional>

#include "proxy/io/loop_state.h"
#include "proxy/io/socket.h"

namespace proxy::io {

struct Socket::State final : Closable {
    explicit State(Loop& owner);  // an unconnected TCP handle, linked into the loop
    ~State();
    void close();
    void reset();
    void end() override;  // as at its deadline

    Loop& loop;
    uv_tcp_t tcp{};
    uv_timer_t timer{};
    uv_write_t write_request{};
    std::optional<std::uint64_t> deadline;  // milliseconds of the loop's clock
    AtDeadline at_deadline = AtDeadline::close;
    std::uint64_t timer_due = 0;  // when the timer looks at the deadline
    bool timer_made = false;
    bool reading = false;  // libuv has been asked to read
    bool ended = false;    // the peer has ended its side
    // How the connection broke, as a code. The system reports it once, to the call that comes
    // first.
    int lost = 0;
    State* twin = nullptr;  // the other end, where that is in this process (socket_pair)
    bool closing = false;
    bool timed_out = false;
    bool owned = true;  // a Socket still points here
    int open_handles = 1;

    // Since when the socket's story has run without letting others run (nanoseconds), and in which
    // round of the loop that began.
    std::uint64_t turn_began = 0, turn_round = 0;
    // gives_way: the story waits for its turn. cancelled: that wait ends as a read would
    // (stop_reading).
    bool gives_way = false, cancelled = false;

    std::coroutine_handle<> reader;
    Buffer* read_buffer = nullptr;
    ssize_t read_result = 0;

    std::coroutine_handle<> writer;
    int write_result = 0;

    IoError note(int code);  // keeps how the connection broke
    ssize_t peek();          // what a read would find now: more than 0, 0 after a FIN, or an error
    void start_reading();
    void resume_reader(ssize_t result);
    void handle_closed();
    void start_timer(std::uint64_t milliseconds);  // until the deadline
};

IoError io_error(int code);

}  // namespace proxy::io
