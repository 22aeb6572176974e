#include "proxy/io/connector.h"

#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <coroutine>

#include "proxy/io/socket_state.h"

namespace proxy::io {

namespace {

constexpr std::uint64_t attempt_delay_ms = 250;  // RFC 8305 §8
constexpr std::size_t most_addresses = 16;       // a hostile DNS answer causes no more connections than these

// RFC 8305 §4: the families alternate; the resolver's first address leads.
std::vector<Address> interleaved(std::vector<Address> addresses) {
    std::vector<Address> first, second;
    for (const Address& address : addresses)
        (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
    std::vector<Address> order;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()) && order.size() < most_addresses; ++i) {
        if (i < first.size()) order.push_back(first[i]);
        if (i < second.size()) order.push_back(second[i]);
    }
    return order;
}

ConnectAttempt::Outcome outcome_of(int error) {
    switch (error) {
        case 0: return ConnectAttempt::Outcome::connected;
        case UV_ECONNREFUSED: return ConnectAttempt::Outcome::refused;
        case UV_ETIMEDOUT: return ConnectAttempt::Outcome::timed_out;
        case UV_ENETUNREACH:
        case UV_EHOSTUNREACH:
        case UV_ENETDOWN:
        case UV_EADDRNOTAVAIL: return ConnectAttempt::Outcome::unreachable;
        default: return ConnectAttempt::Outcome::other;
    }
}

struct Race;

// One attempt's request. Its socket belongs to the race. libuv calls back exactly once, also when
// the socket is closed.
struct Entry {
    Race* race;
    std::size_t index;
    uv_connect_t request{};
    std::optional<Socket> socket;
};

struct Race final : Closable {
    explicit Race(Loop& owner) : loop(owner) { link(loop.state().open); }

    Loop& loop;
    std::vector<Address> addresses;
    SocketMaker make;
    std::vector<std::unique_ptr<Entry>> entries;
    Connected result;
    uv_timer_t stagger{}, limit{};
    std::coroutine_handle<> waiting;
    std::size_t pending = 0;  // connect requests that libuv has not yet called back
    int open_timers = 2;
    bool over = false;

    void end() override { finish(); }

    void start_next() {
        while (!over && entries.size() < addresses.size()) {
            const std::size_t index = entries.size();
            auto& entry = *entries.emplace_back(std::make_unique<Entry>(this, index));
            result.attempts.push_back({ConnectAttempt::Outcome::abandoned, addresses[index], ""});
            auto* state = new Socket::State(loop);
            entry.socket.emplace(state);
            entry.request.data = &entry;
            int error = open_elsewhere(state->tcp, addresses[index]);
            if (error == 0) error = uv_tcp_connect(&entry.request, &state->tcp, &addresses[index].raw(), on_connected);
            if (error == 0) {
                ++pending;
                uv_tcp_nodelay(&state->tcp, 1);
                uv_timer_start(
                    &stagger, [](uv_timer_t* timer) { static_cast<Race*>(timer->data)->start_next(); },
                    attempt_delay_ms, 0);
                return;
            }
            record(index, error);
        }
        if (pending == 0) finish();
    }

    // 0, or a code of libuv's. Without a maker libuv makes the socket when it connects.
    int open_elsewhere(uv_tcp_t& tcp, const Address& address) const {
        if (!make) return 0;
        const int fd = make(address.raw().sa_family, SOCK_STREAM);
        if (fd < 0) return uv_translate_sys_error(errno);
        const int error = uv_tcp_open(&tcp, fd);
        if (error != 0) ::close(fd);
        return error;
    }

    void record(std::size_t index, int error) {
        result.attempts[index].outcome = outcome_of(error);
        if (error != 0) result.attempts[index].reason = uv_strerror(error);
    }

    static void on_connected(uv_connect_t* request, int status) {
        auto& entry = *static_cast<Entry*>(request->data);
        Race& race = *entry.race;
        --race.pending;
        if (race.over) return race.free_if_done();
        race.record(entry.index, status);
        if (status == 0) {
            race.result.socket = std::move(entry.socket);
            return race.finish();
        }
        entry.socket.reset();
        race.start_next();
    }

    void expire() {
        for (auto& attempt : result.attempts) {
            if (attempt.outcome == ConnectAttempt::Outcome::abandoned) {
                attempt.outcome = ConnectAttempt::Outcome::timed_out;
                attempt.reason = "no answer";
            }
        }
        finish();
    }

    // Resumes the story and closes what is still open. The block is freed when libuv has released
    // all of it.
    void finish() {
        if (over) return;
        over = true;
        unlink();
        for (auto& entry : entries) entry->socket.reset();
        for (uv_timer_t* timer : {&stagger, &limit}) {
            uv_close(reinterpret_cast<uv_handle_t*>(timer), [](uv_handle_t* handle) {
                auto& race = *static_cast<Race*>(handle->data);
                --race.open_timers;
                race.free_if_done();
            });
        }
        if (waiting) std::exchange(waiting, nullptr).resume();
    }
    void free_if_done() {
        if (pending == 0 && open_timers == 0) delete this;
    }
};

struct Outcome {
    Race* race;
    bool await_ready() const noexcept { return race->over; }
    void await_suspend(std::coroutine_handle<> waiting) const noexcept { race->waiting = waiting; }
    Connected await_resume() const { return std::move(race->result); }
};

}  // namespace

Task<Connected> connect(Loop& loop, std::vector<Address> addresses, double seconds, SocketMaker make) {
    CHECK_STATE(!addresses.empty());
    auto* race = new Race(loop);
    race->addresses = interleaved(std::move(addresses));
    race->make = std::move(make);
    for (uv_timer_t* timer : {&race->stagger, &race->limit}) {
        uv_timer_init(&loop.state().loop, timer);
        timer->data = race;
    }
    uv_timer_start(
        &race->limit, [](uv_timer_t* timer) { static_cast<Race*>(timer->data)->expire(); },
        static_cast<std::uint64_t>(seconds * 1000), 0);
    race->start_next();
    co_return co_await Outcome{race};
}

}  // namespace proxy::io
