#include "proxy/client/inner_protocol.h"

#include "proxy/io/connector.h"
#include "tests/proxy/worker_of_tests.h"

using namespace proxy;
using namespace proxy_test;

namespace {

using Names = std::vector<std::string>;

// What is decided about a client that says `words` and then ends, where no server can be asked.
class Conversation {
public:
    explicit Conversation(std::string words) : words_(std::move(words)) {}

    bool is_inner_protocol() {
        io::Loop loop;
        auto listener = io::Listener::open(loop, *io::Address::parse("127.0.0.1", 0), {},
                                           [this](io::Socket socket) { run(decide(std::move(socket))); });
        REQUIRE(listener);
        run(speak(loop, *listener));
        loop.run();
        REQUIRE(decided_);
        return *decided_;
    }

private:
    io::Task<> decide(io::Socket socket) {
        io::Channel channel(std::move(socket));
        decided_ = co_await speaks_inner_protocol(channel, nullptr);
        kept_ = std::string(certs::as_text(channel.buffered()));
        CHECK(words_.starts_with(kept_));  // nothing is consumed: the next reader gets it all
    }
    io::Task<> speak(io::Loop& loop, io::Listener& listener) {
        auto connected = co_await io::connect(loop, {listener.address()}, 5);
        REQUIRE(connected.socket);
        io::Channel channel(std::move(*connected.socket));
        (void)co_await channel.write(certs::as_bytes(words_));
        co_await channel.linger(5);
        listener.close();
    }

    const std::string words_;
    std::string kept_;
    std::optional<bool> decided_;
};

bool is_inner_protocol(std::string words) { return Conversation(std::move(words)).is_inner_protocol(); }

}  // namespace

TEST_CASE("of a client's protocols those are passed on that this proxy speaks, or all when none is HTTP") {
    CHECK(passed_on({"h3", "h2", "http/1.1"}) == Names{"h2", "http/1.1"});
    CHECK(passed_on({"http/1.0", "h3", "http/1.1", "mqtt"}) == Names{"http/1.0", "http/1.1"});
    CHECK(passed_on({"h3"}).empty());
    CHECK(passed_on({"mqtt", "postgresql"}) == Names{"mqtt", "postgresql"});
    CHECK(passed_on({}).empty());
}

TEST_CASE("what begins like no request is another protocol") {
    CHECK(is_inner_protocol(std::string("\x10\x1d\0\4MQTT\4", 9)));
    CHECK(is_inner_protocol("SSH-2.0-OpenSSH_9.2\r\n"));
    CHECK(is_inner_protocol("EHLO me\r\n"));
}

TEST_CASE("a request is HTTP, and so is what an indulgent server would take for one") {
    for (const char* words : {"GET / HTTP/1.1\r\n", "PROPFIND /a HTTP/1.1\r\n", "get /\r\n", "GET /\n", " GET /\r\n",
                              "\tGET /\r\n", "\r\nGET / HTTP/1.1\r\n", "x\ty http/1.1\r\n", "post\v/ HTTP/1.1\r\n"}) {
        INFO(words);
        CHECK_FALSE(is_inner_protocol(words));
    }
}

TEST_CASE("a client that leaves before its first line is complete counts as HTTP") {
    CHECK_FALSE(is_inner_protocol(""));
    CHECK_FALSE(is_inner_protocol("GE"));
    CHECK_FALSE(is_inner_protocol("HELLO"));
}
