#include <numeric>

#include "proxy/http/tunnel.h"
#include "proxy/io/channel.h"
#include "proxy/io/connector.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop.h"
#include "proxy/io/resolver.h"
#include "proxy/io/task.h"
#include "tests/support/catch.h"

// Every loop here asserts at its end that all of its handles were closed.
using namespace proxy;
using namespace proxy::io;

namespace {

void run(Task<> story) {
    spawn(std::move(story), [](const std::exception& bug) { FAIL(bug.what()); });
}

Address loopback() { return *Address::parse("127.0.0.1", 0); }

Task<std::int64_t> value(std::int64_t number) { co_return number; }
Task<std::int64_t> sum_of(int count) {
    std::int64_t total = 0;
    for (int i = 0; i < count; ++i) total += co_await value(i);
    co_return total;
}
Task<> store_sum(std::int64_t& into) { into = co_await sum_of(100'000); }
Task<> throw_bug() {
    CHECK_STATE(false);
    co_return;
}

Task<> echo(Socket socket) {
    Channel channel(std::move(socket));
    for (;;) {
        const auto more = co_await channel.fill();
        if (!more || *more == 0) break;
        const std::size_t size = channel.buffered().size();
        if (!co_await channel.write(channel.buffered())) break;
        channel.consume(size);
    }
    co_await channel.end();
}

Task<> send_all(Channel& to, std::string text) {
    (void)co_await to.write(certs::as_bytes(text));
    co_await to.end();
}

// Connects, sends `text`, ends its side, and collects what comes back.
Task<> ask(Loop& loop, Address where, std::string text, std::string& answer, Listener& listener) {
    auto connected = co_await connect(loop, {where}, 5);
    REQUIRE(connected.socket);
    Channel channel(std::move(*connected.socket));
    Child sending(send_all(channel, text));
    for (;;) {
        const auto more = co_await channel.fill();
        if (!more || *more == 0) break;
        answer += certs::as_text(channel.buffered());
        channel.consume(channel.buffered().size());
    }
    co_await sending.join();
    listener.close();
}

}  // namespace

TEST_CASE("awaiting a hundred thousand tasks in a row does not grow the stack") {
    std::int64_t total = 0;
    run(store_sum(total));
    CHECK(total == 4'999'950'000);
}

TEST_CASE("a bug ends its story and is reported where the story was spawned") {
    std::string what;
    spawn(throw_bug(), [&](const std::exception& bug) { what = bug.what(); });
    CHECK(what.find("false") != std::string::npos);
}

TEST_CASE("what is sent comes back, larger than any buffer, with both sides ending in their own time") {
    Loop loop;
    auto listener = Listener::open(loop, loopback(), {}, [](Socket socket) { run(echo(std::move(socket))); });
    REQUIRE(listener);
    std::string sent(5'000'000, '\0'), answer;
    std::iota(sent.begin(), sent.end(), '\0');
    run(ask(loop, listener->address(), sent, answer, *listener));
    loop.run();
    CHECK(answer == sent);
}

namespace {
Task<> wait_for_bytes(Socket socket, std::optional<IoError::Kind>& how, bool& timed_out, Socket*& handle) {
    Channel channel(std::move(socket));
    handle = &channel.socket();
    const auto more = co_await channel.fill();
    if (!more) how = more.error().kind;
    timed_out = channel.socket().timed_out();
    handle = nullptr;
}
Task<> hold(Loop& loop, Address where, std::optional<Socket>& held) {
    auto connected = co_await connect(loop, {where}, 5);
    held = std::move(connected.socket);
}
}  // namespace

TEST_CASE("a deadline closes the socket and the waiting story learns that it timed out") {
    Loop loop;
    std::optional<IoError::Kind> how;
    bool timed_out = false;
    Socket* handle = nullptr;
    std::optional<Socket> client;
    std::optional<Listener> listener;
    auto opened = Listener::open(loop, loopback(), {}, [&](Socket socket) {
        socket.set_deadline(0.01);
        run(wait_for_bytes(std::move(socket), how, timed_out, handle));
        listener->close();
    });
    REQUIRE(opened);
    listener.emplace(std::move(*opened));
    run(hold(loop, listener->address(), client));
    Timer release(loop);
    release.start(0.2, [&] { client.reset(); });
    loop.run();
    CHECK(how == IoError::Kind::closed);
    CHECK(timed_out);
}

TEST_CASE(
    "a deadline that is put off or taken back does not close the socket at its first time, one that is brought forward does at its new "
    "one") {
    struct Row {
        double first, then;  // seconds; 0 removes it
        bool closed;
    };
    for (const Row& row : {Row{0.01, 30, false}, Row{0.01, 0, false}, Row{30, 0.01, true}, Row{0.01, 0.02, true}}) {
        CAPTURE(row.first, row.then);
        Loop loop;
        std::optional<IoError::Kind> how;
        bool timed_out = false;
        Socket* handle = nullptr;
        std::optional<Socket> client;
        std::optional<Listener> listener;
        auto opened = Listener::open(loop, loopback(), {}, [&](Socket socket) {
            socket.set_deadline(row.first);
            socket.set_deadline(row.then);
            run(wait_for_bytes(std::move(socket), how, timed_out, handle));
            listener->close();
        });
        REQUIRE(opened);
        listener.emplace(std::move(*opened));
        run(hold(loop, listener->address(), client));
        Timer release(loop);
        release.start(0.1, [&] { client.reset(); });
        loop.run();
        CHECK(timed_out == row.closed);
        CHECK((how == IoError::Kind::closed) == row.closed);
    }
}

TEST_CASE("close_all makes every waiting story unwind") {
    Loop loop;
    std::optional<IoError::Kind> how;
    bool timed_out = false;
    Socket* handle = nullptr;
    std::optional<Socket> client;
    auto listener = Listener::open(loop, loopback(), {}, [&](Socket socket) {
        run(wait_for_bytes(std::move(socket), how, timed_out, handle));
        loop.post([&loop] { loop.close_all(); });
    });
    REQUIRE(listener);
    run(hold(loop, listener->address(), client));
    loop.run();
    CHECK(how == IoError::Kind::closed);
    CHECK_FALSE(timed_out);
}

namespace {
Task<> try_connect(Loop& loop, std::vector<Address> addresses, double seconds, Connected& result) {
    result = co_await connect(loop, std::move(addresses), seconds);
}
Task<> try_resolve(Loop& loop, std::string host, std::expected<Resolved, ResolveError>& result) {
    result = co_await resolve(loop, std::move(host), 443, 5);
}
Address closed_port() {
    Loop loop;
    auto listener = Listener::open(loop, loopback(), {}, [](const Socket&) {});
    return listener->address();
}
}  // namespace

TEST_CASE("a refused address makes way for the next one, and both outcomes are told") {
    Loop loop;
    auto listener = Listener::open(loop, loopback(), {}, [](const Socket&) {});
    REQUIRE(listener);
    Connected result;
    run(try_connect(loop, {closed_port(), listener->address()}, 5, result));
    Timer end(loop);
    end.start(0.1, [&] { listener->close(); });
    loop.run();
    CHECK(result.socket.has_value());
    REQUIRE(result.attempts.size() == 2);
    CHECK(result.attempts[0].outcome == ConnectAttempt::Outcome::refused);
    CHECK(result.attempts[1].outcome == ConnectAttempt::Outcome::connected);
    result.socket.reset();
    loop.run();
}

TEST_CASE("when every address refuses, the socket is absent and each refusal is told") {
    Loop loop;
    Connected result;
    run(try_connect(loop, {closed_port(), closed_port()}, 5, result));
    loop.run();
    CHECK_FALSE(result.socket);
    REQUIRE(result.attempts.size() == 2);
    CHECK(result.attempts[1].outcome == ConnectAttempt::Outcome::refused);
}

TEST_CASE("a numeric address needs no resolver, in brackets or not") {
    Loop loop;
    std::expected<Resolved, ResolveError> v4, v6;
    run(try_resolve(loop, "127.0.0.1", v4));
    run(try_resolve(loop, "[::1]", v6));
    loop.run();
    REQUIRE(v4);
    CHECK(v4->addresses.at(0).to_string() == "127.0.0.1:443");
    REQUIRE(v6);
    CHECK(v6->addresses.at(0).to_string() == "[::1]:443");
}

TEST_CASE("a name under .invalid does not exist") {
    Loop loop;
    std::expected<Resolved, ResolveError> result;
    run(try_resolve(loop, "no.such.host.invalid", result));
    loop.run();
    REQUIRE_FALSE(result);
    CHECK_FALSE(result.error().reason.empty());
}

TEST_CASE("an address in use is reported in the system's words") {
    Loop loop;
    auto listener = Listener::open(loop, loopback(), {.shared = true}, [](const Socket&) {});
    REQUIRE(listener);
    CHECK_FALSE(check_free(listener->address()));
    CHECK(check_free(*Address::parse("127.0.0.1", 0)));
    listener->close();
}
