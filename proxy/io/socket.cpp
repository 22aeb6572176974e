#include "proxy/io/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>

#include "proxy/io/socket_state.h"
#include "proxy/io/task.h"

namespace proxy::io {

namespace {

// One end's address, as `ask` (uv_tcp_getpeername or uv_tcp_getsockname) returns it.
template <typename Ask>
std::optional<Address> name_of(const uv_tcp_t& tcp, Ask ask) {
    sockaddr_storage storage{};
    int size = sizeof storage;
    if (ask(&tcp, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
    if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return std::nullopt;
    return Address(*reinterpret_cast<const sockaddr*>(&storage));
}

Socket::State& of(uv_handle_t* handle) { return *static_cast<Socket::State*>(handle->data); }

void on_closed(uv_handle_t* handle) { of(handle).handle_closed(); }

// Without a waiting reader libuv gets no room: it then reports ENOBUFS and the handle stops
// reading. That is all of back-pressure; in the steady state of requests and responses it costs no
// call to epoll_ctl.
void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    Socket::State& state = of(handle);
    if (!state.reader) {
        *buffer = uv_buf_init(nullptr, 0);
        return;
    }
    const auto room = state.read_buffer->room();
    *buffer = uv_buf_init(reinterpret_cast<char*>(room.data()), static_cast<unsigned>(room.size()));
}

void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
    Socket::State& state = of(reinterpret_cast<uv_handle_t*>(stream));
    if (size == 0) return;  // EAGAIN
    if (size < 0) {
        uv_read_stop(stream);
        state.reading = false;
    }
    if (size == UV_ENOBUFS) return;
    if (size == UV_EOF) {
        size = state.peek();  // libuv reports a hang-up without a read, and that may be a reset
        state.ended = size == 0;
        if (size > 0) return state.start_reading();
    }
    if (size < 0) state.note(static_cast<int>(size));
    state.resume_reader(size);
}

// What is already here, without waiting; an error is one of libuv's codes.
ssize_t receive(const uv_tcp_t& tcp, void* into, std::size_t most, int flags) {
    uv_os_fd_t fd = -1;
    if (const int error = uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp), &fd); error != 0) return error;
    const ssize_t size = ::recv(fd, into, most, flags | MSG_DONTWAIT);
    return size < 0 ? uv_translate_sys_error(errno) : size;
}

uv_buf_t buffer_of(certs::Bytes bytes) {
    return uv_buf_init(reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data())),
                       static_cast<unsigned>(bytes.size()));
}

}  // namespace

IoError io_error(int code) {
    switch (code) {
        case UV_ECONNRESET:
        case UV_EPIPE:
        case UV_ECONNABORTED:
        case UV_ETIMEDOUT:  // from the kernel: keep-alive or retransmission gave up
            return {IoError::Kind::reset, code};
        case UV_ECANCELED: return {IoError::Kind::closed, code};
        default: return {IoError::Kind::other, code};
    }
}

Socket::State::State(Loop& owner) : loop(owner) {
    uv_tcp_init(&loop.state().loop, &tcp);
    tcp.data = this;
    link(loop.state().open);
}

Socket::State::~State() {
    if (twin) twin->twin = nullptr;
}

void Socket::State::resume_reader(ssize_t result) {
    if (!reader) return;
    read_result = result;
    if (result > 0) read_buffer->filled(static_cast<std::size_t>(result));
    if (result <= 0) read_buffer->release_if_empty();
    std::exchange(reader, nullptr).resume();
}

// After a FIN the peer has sent everything. A later refusal of what we send (EPIPE) does not change
// that.
IoError Socket::State::note(int code) {
    if (lost == 0 && code != UV_EPIPE && code != UV_ECANCELED) lost = code;
    return io_error(code);
}

ssize_t Socket::State::peek() {
    std::uint8_t byte = 0;
    return lost != 0 ? lost : receive(tcp, &byte, 1, MSG_PEEK);
}

void Socket::State::start_reading() {
    reading = true;
    if (uv_read_start(reinterpret_cast<uv_stream_t*>(&tcp), on_alloc, on_read) == 0) return;
    // No longer connected. The result comes from the close callback, never from within this call.
    reading = false;
    close();
}

void Socket::State::close() {
    if (closing) return;
    closing = true;
    unlink();
    uv_close(reinterpret_cast<uv_handle_t*>(&tcp), on_closed);
    if (timer_made) uv_close(reinterpret_cast<uv_handle_t*>(&timer), on_closed);
}

// Between two ends in one process the system knows no reset.
void Socket::State::reset() {
    if (closing) return;
    if (twin) twin->lost = UV_ECONNRESET;
    if (uv_tcp_close_reset(&tcp, on_closed) != 0) return close();  // it is shutting down already
    closing = true;
    unlink();
    if (timer_made) uv_close(reinterpret_cast<uv_handle_t*>(&timer), on_closed);
}

void Socket::State::end() { at_deadline == AtDeadline::reset ? reset() : close(); }

// libuv never calls the read callback of a closed handle, so the reader is resumed here. Pending
// writes have already been called back with ECANCELED.
void Socket::State::handle_closed() {
    if (--open_handles > 0) return;
    if (!owned) {
        delete this;
    } else {
        resume_reader(UV_ECANCELED);  // may end the story, and free this block
    }
}

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) { Socket old(std::exchange(state_, std::exchange(other.state_, nullptr))); }
    return *this;
}

Socket::~Socket() {
    if (!state_) return;
    state_->owned = false;
    if (state_->closing && state_->open_handles == 0) {
        delete state_;
    } else {
        state_->close();
    }
}

bool Socket::Read::await_ready() const noexcept { return !state_ || state_->closing || state_->ended; }

void Socket::Read::await_suspend(std::coroutine_handle<> reader) {
    CHECK_STATE(!state_->reader);
    state_->reader = reader;
    state_->read_buffer = buffer_;
    if (!state_->reading) state_->start_reading();
}

std::expected<std::size_t, IoError> Socket::Read::await_resume() {
    if (!state_) return std::unexpected(IoError{IoError::Kind::closed, UV_ECANCELED});
    if (const ssize_t result = std::exchange(state_->read_result, 0); result != 0) {
        if (result > 0) return static_cast<std::size_t>(result);
        if (result == UV_EINTR) return std::unexpected(IoError{IoError::Kind::cancelled, UV_EINTR});
        return std::unexpected(io_error(static_cast<int>(result)));
    }
    if (state_->closing) return std::unexpected(IoError{IoError::Kind::closed, UV_ECANCELED});
    return 0;
}

std::expected<std::size_t, IoError> Socket::try_write(certs::Bytes bytes) {
    if (!state_ || state_->closing) return std::unexpected(IoError{IoError::Kind::closed, UV_ECANCELED});
    if (bytes.empty()) return 0;
    uv_buf_t buffer = buffer_of(bytes);
    const int written = uv_try_write(reinterpret_cast<uv_stream_t*>(&state_->tcp), &buffer, 1);
    if (written == UV_EAGAIN) return 0;
    if (written < 0) return std::unexpected(state_->note(written));
    return static_cast<std::size_t>(written);
}

bool Socket::Write::await_ready() {
    const auto written = socket_->try_write(bytes_);
    if (!written)
        result_ = std::unexpected(written.error());
    else
        bytes_ = bytes_.subspan(*written);
    return !written || bytes_.empty();
}

void Socket::Write::await_suspend(std::coroutine_handle<> writer) {
    state_ = socket_->state_;  // the Socket may be moved while the system works
    CHECK_STATE(!state_->writer);
    state_->writer = writer;
    state_->write_request.data = this;
    uv_buf_t buffer = buffer_of(bytes_);
    uv_write(&state_->write_request, reinterpret_cast<uv_stream_t*>(&state_->tcp), &buffer, 1,
             [](uv_write_t* request, int status) {
                 auto& write = *static_cast<Write*>(request->data);
                 if (status < 0) write.result_ = std::unexpected(write.state_->note(status));
                 std::exchange(write.state_->writer, nullptr).resume();
             });
}

std::expected<void, IoError> Socket::Write::await_resume() { return result_; }

void Socket::shut_down() {
    if (!state_ || state_->closing) return;
    auto* request = new uv_shutdown_t;
    const int error = uv_shutdown(request, reinterpret_cast<uv_stream_t*>(&state_->tcp),
                                  [](uv_shutdown_t* done, int) { delete done; });
    if (error != 0) delete request;  // no longer connected
}

void Socket::close() {
    if (state_) state_->close();
}
bool Socket::closed() const { return !state_ || state_->closing; }

std::expected<std::optional<std::size_t>, IoError> Socket::read_now(Buffer& buffer, std::size_t most) {
    if (closed()) return std::unexpected(IoError{IoError::Kind::closed, UV_ECANCELED});
    if (state_->ended) return 0;
    // The probe saves an idle connection from taking a block that it has no use for.
    ssize_t size = state_->peek();
    if (size > 0) {
        const auto room = buffer.room();
        size = receive(state_->tcp, room.data(), std::min(room.size(), most), 0);
        if (size > 0) buffer.filled(static_cast<std::size_t>(size));
    }
    if (size >= 0) return static_cast<std::size_t>(size);
    if (size == UV_EAGAIN || size == UV_EINTR) return std::nullopt;
    return std::unexpected(state_->note(static_cast<int>(size)));
}

void Socket::reset() {
    if (state_) state_->reset();
}

void Socket::stop_reading() {
    if (state_ && state_->gives_way) state_->cancelled = true;
    if (state_ && state_->reader) state_->resume_reader(UV_EINTR);
}

// Nanoseconds. Long enough that the loop's own work is small in comparison. Where many have turn
// after turn, all of them together are not noticed.
constexpr std::uint64_t longest_turn = 1'000'000, shortest_turn = 50'000;

bool Socket::had_its_turn() {
    if (!state_) return false;
    // Rounds are distinguished by the time at which they began. Two rounds of the same millisecond
    // are no long turn together.
    const std::uint64_t round = uv_now(&state_->loop.state().loop), time = uv_hrtime();
    const std::uint64_t turn = std::max(longest_turn / (1 + state_->loop.state().crowd), shortest_turn);
    if (state_->turn_round == round) return time - state_->turn_began > turn;
    state_->turn_round = round;
    state_->turn_began = time;
    return false;
}

bool Socket::GiveWay::await_ready() const noexcept { return !state_ || state_->closing; }

void Socket::GiveWay::await_suspend(std::coroutine_handle<> story) {
    state_->gives_way = true;
    state_->loop.state().go_on_later(story);
}

std::expected<void, IoError> Socket::GiveWay::await_resume() {
    if (!state_ || state_->closing) return std::unexpected(IoError{IoError::Kind::closed, UV_ECANCELED});
    state_->gives_way = false;
    state_->turn_began = uv_hrtime();
    state_->turn_round = uv_now(&state_->loop.state().loop);
    if (std::exchange(state_->cancelled, false)) return std::unexpected(IoError{IoError::Kind::cancelled, UV_EINTR});
    return {};
}

// Deadlines move several times for each request and almost never pass. So a running timer is left
// alone; it checks the deadline when it is due.
void Socket::set_deadline(double seconds, AtDeadline then) {
    if (!state_ || state_->closing) return;
    state_->at_deadline = then;
    if (seconds <= 0) return state_->deadline.reset();
    if (!state_->timer_made) {
        state_->timer_made = true;
        ++state_->open_handles;
        uv_timer_init(&state_->loop.state().loop, &state_->timer);
        state_->timer.data = state_;
    }
    const auto milliseconds = static_cast<std::uint64_t>(seconds * 1000);
    state_->deadline = uv_now(&state_->loop.state().loop) + milliseconds;
    if (!uv_is_active(reinterpret_cast<uv_handle_t*>(&state_->timer)) || state_->timer_due > *state_->deadline) {
        state_->start_timer(milliseconds);
    }
}

void Socket::State::start_timer(std::uint64_t milliseconds) {
    timer_due = *deadline;
    uv_timer_start(
        &timer,
        [](uv_timer_t* due) {
            State& state = of(reinterpret_cast<uv_handle_t*>(due));
            const std::uint64_t now = uv_now(due->loop);
            if (!state.deadline) return;
            if (*state.deadline > now) return state.start_timer(*state.deadline - now);
            state.timed_out = true;
            state.end();
        },
        milliseconds, 0);
}

void Socket::clear_deadline() { set_deadline(0); }

bool Socket::timed_out() const { return state_ && state_->timed_out; }

std::optional<Address> Socket::peer() const {
    return closed() ? std::nullopt : name_of(state_->tcp, uv_tcp_getpeername);
}

std::optional<Address> Socket::local() const {
    return closed() ? std::nullopt : name_of(state_->tcp, uv_tcp_getsockname);
}

std::optional<Address> Socket::meant() const {
    const auto here = local();
#ifdef __linux__
    constexpr int original_destination = 80;  // SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST, of linux/netfilter_ipv4.h
    uv_os_fd_t fd = -1;
    if (!here || uv_fileno(reinterpret_cast<const uv_handle_t*>(&state_->tcp), &fd) != 0) return here;
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockopt(fd, here->is_v6() ? IPPROTO_IPV6 : IPPROTO_IP, original_destination, &storage, &size) == 0 &&
        (storage.ss_family == AF_INET || storage.ss_family == AF_INET6))
        return Address(*reinterpret_cast<const sockaddr*>(&storage));
#endif
    return here;
}

Loop& Socket::loop() const { return state_->loop; }

}  // namespace proxy::io
