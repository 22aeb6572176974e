// HTTP/1.1 as the two streams show it: heads and contents in pieces, why a message was cut, and
// whether its connection carries another.
#include "proxy/io/connector.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/http1_server.h"
#include "proxy/stream/receive.h"
#include "tests/proxy/worker_of_tests.h"

using namespace proxy;
using namespace proxy_test;
using inspect::http::RequestHead;
using inspect::http::ResponseHead;

namespace {

io::Task<io::Channel> connected(io::Loop& loop, io::Address address) {
    auto made = co_await io::connect(loop, {address}, 10);
    REQUIRE(made.socket);
    co_return io::Channel(std::move(*made.socket));
}

RequestHead get() { return {.method = "GET", .target = "/", .version = {}, .fields = {}}; }

// What a client made of a response.
struct Seen {
    std::vector<int> heads;
    std::string content, failure;
    bool may_follow = false, has_answered = false, has_body = false;
};

io::Task<> ask(WorkerOfTests& home, Site& site, bool unframed, Seen& seen) {
    using Kind = inspect::diagnosis::HttpFailure::Kind;
    io::Channel channel = co_await connected(home.worker.loop, site.address());
    inspect::http::Parser responses = inspect::http::Parser::responses();
    Http1Client server(channel, responses);
    server.set_deadline(10);
    co_await server.request(get(), false);
    bool headed = true;
    while (headed && (seen.heads.empty() || seen.heads.back() < 200))
        if ((headed = co_await server.head())) seen.heads.push_back(server.response().status);
    if (headed && unframed) server.body().unframe();
    Arrival arrival = headed ? Arrival::more : Arrival::cut;
    Piece::Next next = Piece::Next::wait;
    while (arrival == Arrival::more && next != Piece::Next::end && next != Piece::Next::failed) {
        const Piece piece = server.body().here();
        next = piece.next;
        seen.content += certs::as_text(piece.bytes);
        server.body().consume();
        if (next == Piece::Next::wait) arrival = co_await server.body().more();
    }
    if (arrival == Arrival::cut || next == Piece::Next::failed)
        seen.failure = server.failure().kind == Kind::not_http ? "not HTTP" : "closed";
    seen.has_body = server.failure().body.has_value();
    seen.may_follow = server.may_follow();
    seen.has_answered = server.has_answered();
    channel.close();
    site.close();
}

Seen asked(std::string answer, bool unframed = false) {
    WorkerOfTests home;
    Site site(home.worker, {std::move(answer)});
    Seen seen;
    run(ask(home, site, unframed, seen));
    home.worker.loop.run();
    return seen;
}

// What a server saw of its client's requests, and what the client got.
struct Served {
    std::vector<std::string> requests;
    std::string got;
};

// Answers each request with its content, or `status` without content.
struct Echo {
    WorkerOfTests home;
    Served served;
    bool reads_content = true;
    bool frames = true;  // content as it is framed; else the stream frames it anew
    int status = 200;
    std::optional<io::Listener> listener;

    io::Task<> serve(io::Socket socket) {
        io::Channel channel(std::move(socket));
        Http1Server client(channel, {});
        bool follows = true;
        while (follows && co_await client.next(10, true) == Http1Server::Next::request) {
            served.requests.push_back(client.request().target);
            std::string content;
            if (!frames) client.body().unframe();
            Piece::Next next = client.has_content() && reads_content ? Piece::Next::go_on : Piece::Next::end;
            while (next != Piece::Next::end) {
                const Piece piece = client.body().here();
                next = piece.next;
                content += certs::as_text(piece.bytes);
                client.body().consume();
                if (next == Piece::Next::wait && co_await client.body().more() != Arrival::more)
                    co_return channel.close();
            }
            ResponseHead head{.status = status, .reason = "X", .version = {}, .fields = {}};
            if (frames) head.fields.add("Content-Length", std::to_string(content.size()));
            client.respond(std::move(head), {.content_unread = client.has_content() && !reads_content});
            CHECK_FALSE(client.has_responded());
            CHECK(co_await client.write(certs::as_bytes(content)));
            const bool ended =
                client.delimits() ? co_await client.finish({}, client.body().trailers()) : co_await client.flush();
            CHECK(ended);
            CHECK(client.has_responded());
            follows = client.may_follow();
        }
        co_await channel.linger(1);
    }
    io::Task<> say(std::string words) {
        io::Channel channel = co_await connected(home.worker.loop, listener->address());
        REQUIRE(co_await channel.write(certs::as_bytes(words)));
        channel.socket().shut_down();
        while ((co_await channel.fill()).value_or(0) > 0) {
            served.got += certs::as_text(channel.buffered());
            channel.consume(channel.buffered().size());
        }
        channel.close();
    }
    Served play(std::string words) {
        listener.emplace(
            *io::Listener::open(home.worker.loop, *io::Address::parse("127.0.0.1", 0), {}, [this](io::Socket socket) {
                run(serve(std::move(socket)));
                listener->close();
            }));
        run(say(std::move(words)));
        home.worker.loop.run();
        return std::move(served);
    }
};

}  // namespace

TEST_CASE("content that comes without framing or length is sent in chunks, with its trailers") {
    Echo echo;
    echo.frames = false;
    const Served served = echo.play(
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\nConnection: "
        "x\r\nB:c\r\n\r\n"
        "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(served.requests == std::vector<std::string>{"/a", "/b"});
    // A trailer about the connection ends with it (RFC 9110 §7.6.1).
    CHECK(served.got ==
          "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\nB: c\r\n\r\n"
          "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_CASE("to a client of HTTP/1.0 such content ends with the connection") {
    Echo echo;
    echo.frames = false;
    const Served served = echo.play("POST /a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(served.got == "HTTP/1.1 200 X\r\nConnection: close\r\n\r\nhello");
}

TEST_CASE("a client's stream receives interim heads one by one before the final one") {
    const Seen seen = asked(
        "HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok…");
    CHECK(seen.heads == std::vector{103, 100, 200});
    CHECK(seen.content == "ok");
    CHECK(seen.may_follow);
}

TEST_CASE("content passes with its framing, and without it where that is asked for") {
    const std::string chunks = "2;x=1\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n",
                      answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "…";
    CHECK(asked(answer).content == chunks);
    CHECK(asked(answer, true).content == "hello");
    CHECK(asked(answer, true).may_follow);
}

TEST_CASE(
    "a connection whose end was the content's end, or that sent more than its response, carries no other request") {
    const Seen until_close = asked("HTTP/1.1 200 OK\r\n\r\nall of it");
    CHECK(until_close.content == "all of it");
    CHECK(until_close.failure.empty());
    CHECK_FALSE(until_close.may_follow);
    CHECK_FALSE(asked("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n").may_follow);
    CHECK_FALSE(asked("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok…").may_follow);
}

TEST_CASE("a response that ends too early is closed, one that is malformed is not HTTP") {
    CHECK(asked("").failure == "closed");
    CHECK_FALSE(asked("").has_answered);
    CHECK(asked("HTTP/1.1 200 OK\r\nContent-Le").failure == "closed");
    CHECK(asked("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok").failure == "closed");
    CHECK(asked("SSH-2.0-OpenSSH\r\n…").failure == "not HTTP");
    CHECK(asked("SSH-2.0-OpenSSH\r\n…").has_answered);
    CHECK(asked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n…").failure == "not HTTP");
}

TEST_CASE("half of a head is no response whose body was cut, whatever came before it") {
    const std::string early = "HTTP/1.1 103 Early\r\nA: b\r\n\r\n", half = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n";
    CHECK_FALSE(asked(half).has_body);
    CHECK_FALSE(asked(early + half).has_body);
    CHECK(asked(early + half).failure == "closed");
    CHECK(asked(early + half + "\r\nok").has_body);
    CHECK_FALSE(asked("HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n").has_body);
}

TEST_CASE("a server's stream serves one request after the other, its head and first content in one piece") {
    const Served served =
        Echo().play("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nokGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(served.requests == std::vector<std::string>{"/1", "/2"});
    CHECK(served.got == "HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a client of HTTP/1.0 is told whether its connection stays") {
    CHECK(Echo().play("GET / HTTP/1.0\r\n\r\n").got ==
          "HTTP/1.1 200 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(Echo().play("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").got ==
          "HTTP/1.1 200 X\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST_CASE("after content that was not read, the connection ends; a 417 does not announce it") {
    const std::string words =
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nGET /2 HTTP/1.1\r\n";
    Echo refuses{.reads_content = false, .status = 413}, expects_nothing{.reads_content = false, .status = 417};
    CHECK(refuses.play(words).got == "HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    const Served served = expects_nothing.play(words);
    CHECK(served.got == "HTTP/1.1 417 X\r\nContent-Length: 0\r\n\r\n");
    CHECK(served.requests.size() == 1);
}
