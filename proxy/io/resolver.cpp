#include "proxy/io/resolver.h"

#include <netdb.h>
#include <uv.h>

#include <algorithm>
#include <coroutine>

#include "proxy/io/loop_state.h"

namespace proxy::io {

namespace {

// The name where the aliases of `host` end, without the root's dot; "" when it is the host itself.
std::string alias_end(std::string_view host, std::string_view canonical) {
    const auto without_dot = [](std::string_view name) {
        return name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0));
    };
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const auto same = [&](char a, char b) { return lower(a) == lower(b); };
    canonical = without_dot(canonical);
    return std::ranges::equal(without_dot(host), canonical, same) ? "" : std::string(canonical);
}

// One look-up. Lives until the helper thread is done with it and its timer is closed, even when no
// one waits any more.
struct Query final : Closable {
    explicit Query(Loop& owner) : loop(owner) { link(loop.state().open); }

    Loop& loop;
    std::string host;
    uv_getaddrinfo_t request{};
    uv_timer_t timer{};
    std::coroutine_handle<> waiting;
    std::expected<Resolved, ResolveError> result;
    bool answered = false, abandoned = false, timer_closed = false;

    void end() override { give_up({ResolveError::Kind::failed, "the proxy is stopping"}); }

    void give_up(ResolveError error) {
        if (abandoned || answered) return;
        abandoned = true;
        uv_cancel(reinterpret_cast<uv_req_t*>(&request));
        result = std::unexpected(std::move(error));
        finish();
    }
    // The waiting story takes the result. The block is freed when libuv has released both its
    // parts.
    void finish() {
        unlink();
        uv_close(reinterpret_cast<uv_handle_t*>(&timer), [](uv_handle_t* handle) {
            auto& query = *static_cast<Query*>(handle->data);
            query.timer_closed = true;
            query.free_if_done();
        });
        if (waiting) std::exchange(waiting, nullptr).resume();
    }
    void free_if_done() {
        if (answered && timer_closed) delete this;
    }
};

void on_answer(uv_getaddrinfo_t* request, int status, addrinfo* list) {
    auto& query = *static_cast<Query*>(request->data);
    query.answered = true;
    if (query.abandoned) {
        uv_freeaddrinfo(list);
        query.free_if_done();
        return;
    }
    if (status == 0) {
        for (const addrinfo* each = list; each != nullptr; each = each->ai_next)
            query.result->addresses.emplace_back(*each->ai_addr);
        // Only the first entry has it (getaddrinfo, RFC 3493 §6.1).
        if (list != nullptr && list->ai_canonname != nullptr)
            query.result->canonical_name = alias_end(query.host, list->ai_canonname);
        if (query.result->addresses.empty()) status = UV_EAI_NONAME;
    }
    if (status != 0) {
        const bool not_found = status == UV_EAI_NONAME || status == UV_EAI_NODATA;
        query.result = std::unexpected(
            ResolveError{not_found ? ResolveError::Kind::not_found : ResolveError::Kind::failed, uv_strerror(status)});
    }
    uv_freeaddrinfo(list);
    query.finish();
}

struct Answered {
    Query* query;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const noexcept { query->waiting = waiting; }
    std::expected<Resolved, ResolveError> await_resume() const { return std::move(query->result); }
};

}  // namespace

Task<std::expected<Resolved, ResolveError>> resolve(Loop& loop, std::string host, std::uint16_t port, double seconds) {
    if (const auto address = Address::parse(host, port)) co_return Resolved{{*address}, ""};

    auto* query = new Query(loop);
    query->host = host;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_CANONNAME;
    query->request.data = query;
    const std::string service = std::to_string(port);
    uv_timer_init(&loop.state().loop, &query->timer);
    query->timer.data = query;
    if (const int error =
            uv_getaddrinfo(&loop.state().loop, &query->request, on_answer, host.c_str(), service.c_str(), &hints);
        error != 0) {
        query->answered = true;
        query->finish();
        co_return std::unexpected(ResolveError{ResolveError::Kind::failed, uv_strerror(error)});
    }
    uv_timer_start(
        &query->timer,
        [](uv_timer_t* timer) {
            static_cast<Query*>(timer->data)->give_up({ResolveError::Kind::timed_out, "no answer from the resolver"});
        },
        static_cast<std::uint64_t>(seconds * 1000), 0);
    co_return co_await Answered{query};
}

}  // namespace proxy::io
