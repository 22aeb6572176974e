// How long a scan may take, with a server that makes each question wait.
#include "proxy/command/check/scan/scan.h"

#include <algorithm>

#include "proxy/io/clock.h"
#include "proxy/io/signal.h"
#include "tests/proxy/worker_of_tests.h"
#include "tls/client_hello.h"

using namespace proxy;
using namespace proxy_test;

namespace {

constexpr double delay = 0.05;  // seconds before each answer

// A ServerHello of that version with that suite, as no library has to have it.
std::string server_hello(std::uint16_t version, std::uint16_t suite) {
    const auto number = [](std::uint16_t value) {
        return std::string{static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    const std::string body = number(version) + std::string(32, 'r') + '\0' + number(suite) + '\0';
    const std::string message = std::string("\x02\0", 2) + number(static_cast<std::uint16_t>(body.size())) + body;
    return '\x16' + number(version) + number(static_cast<std::uint16_t>(message.size())) + message;
}

// Supports every suite up to TLS 1.2, and takes its time.
class SlowServer {
public:
    explicit SlowServer(io::Loop& loop)
        : loop_(loop),
          listener_(*io::Listener::open(loop, *io::Address::parse("127.0.0.1", 0), {},
                                        [this](io::Socket socket) { run(serve(std::move(socket))); })) {}
    const io::Address& address() const { return listener_.address(); }
    void close() { listener_.close(); }

private:
    io::Task<> serve(io::Socket socket) {
        constexpr std::uint16_t renegotiation = 0x00FF, tls_1_2 = 0x0303;
        io::Channel channel(std::move(socket));
        tls::PeekResult seen;
        while (seen.state == tls::Peek::need_more) {
            const auto more = co_await channel.fill();
            if (!more || *more == 0) co_return;
            seen = tls::peek_client_hello(channel.buffered());
        }
        io::Signal over;
        io::Timer timer(loop_);
        timer.start(delay, [&over] { over.notify(); });
        co_await over.wait();
        const auto suite =
            std::ranges::find_if(seen.hello.ciphers, [](std::uint16_t each) { return each != renegotiation; });
        const std::string answer = seen.hello.version > tls_1_2 || suite == seen.hello.ciphers.end()
                                       ? std::string("\x15\3\3\0\2\2\x46", 7)
                                       : server_hello(seen.hello.version, *suite);
        (void)co_await channel.write(certs::as_bytes(answer));
        co_await channel.end();
    }

    io::Loop& loop_;
    io::Listener listener_;
};

io::Task<> store_scan(UpstreamContext& context, SlowServer& server, double seconds, inspect::scan::Scan& found) {
    const CheckTarget target{.host = "127.0.0.1", .port = server.address().port()};
    found = co_await scan(context, {}, {.target = target, .address = std::nullopt}, seconds);
    server.close();
}

}  // namespace

TEST_CASE("a scan asks nothing more once its time is over, and says so of what it did not ask") {
    WorkerOfTests home;
    SlowServer server(home.worker.loop);
    inspect::scan::Scan found;
    constexpr double seconds = 0.5;
    run(store_scan(home.worker.clients.upstream, server, seconds, found));
    home.worker.loop.run();
    CHECK(found.milliseconds >= seconds * 1000);
    CHECK(found.milliseconds < seconds * 1000 + 1000);  // without its bound it takes 15 s
    CHECK(found.trouble == inspect::scan::Reply::not_asked);
    const auto* version = found.find(0x0303);
    REQUIRE(version != nullptr);
    CHECK(version->supported == inspect::scan::Known::yes);
    CHECK(version->suites.found.size() > 1);
    CHECK_FALSE(version->suites.complete);
    CHECK(version->suites.last.reply == inspect::scan::Reply::not_asked);
    CHECK_FALSE(found.groups_old.complete);
    CHECK_FALSE(found.alpn_complete);
    CHECK(found.compression == inspect::scan::Known::unknown);
}
