#include <fmt/format.h>

#include <string>

#include "tests/proxy/http2_transcript.h"

using namespace proxy_test;

namespace {

constexpr std::string_view get_of_2 = "GET /2 HTTP/1.1\r\nhost: good.test\r\n\r\n";

// The second stream goes over a fresh connection to the server.
void serves_over_a_fresh_one(Http2Transcript& t, int stream) {
    t.asks("GET", "/2");
    t.server_accepts();
    t.server_sees(get_of_2);
    t.server(ok("2"));
    t.sees({fmt::format("{}: 200 content-length: 1", stream), fmt::format("{}: 2", stream),
            fmt::format("{}: end", stream)});
}

// A response that begins so and then breaks off resets its stream and no other.
void is_cut(const std::string& response, const std::string& head, const std::string& then = "") {
    Http2Transcript t;
    INFO(response);
    t.asks();
    t.server_sees_head();
    t.server(response);
    t.sees({head, "1: abc"});
    if (then.empty())
        t.server_ends();
    else
        t.server(then);
    t.sees({"1: reset INTERNAL_ERROR"});
    serves_over_a_fresh_one(t, 3);
}

}  // namespace

TEST_CASE("a response that is shorter than its length resets its stream only (RFC 9113 §8.1.1)") {
    is_cut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "1: 200 content-length: 10");
}

TEST_CASE("chunks without the last one reset their stream only (RFC 9112 §8)") {
    is_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "1: 200");
}

TEST_CASE("a chunk that is none resets its stream only (RFC 9112 §7.1)") {
    is_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "1: 200", "no chunk\r\n");
}

TEST_CASE("a server that goes away in the middle of its head is a 502 of its stream") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 O");
    t.server_ends();
    t.is_told(1, 502, "upstream_closed");
    serves_over_a_fresh_one(t, 3);
}

TEST_CASE("over HTTP/2 what is no response is a 502, and none of it reaches the client as one (RFC 9112 §4)") {
    for (const char* response :
         {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 2 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
        Http2Transcript t;
        INFO(response);
        t.asks();
        t.server_sees_head();
        t.server(response);
        t.is_told(1, 502, "upstream_http_error");
        t.server_sees_end();
    }
}

TEST_CASE("a response head over the limit is a 502 of its stream") {
    Http2Transcript t({.largest_head = 1000});
    t.asks();
    t.server_sees_head();
    t.server(fmt::format("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", std::string(2000, 'x')));
    t.is_told(1, 502, "upstream_http_error");
    t.server_sees_end();
}

TEST_CASE("a switch of protocols that nobody asked for on a stream is a 502 (RFC 9113 §8.6)") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    t.is_told(1, 502, "upstream_http_error");
    t.server_sees_end();
}

TEST_CASE("the answer for a server that cannot be reached leaves the streams beside it in order") {
    Http2Transcript t;
    t.server_is_gone();
    for (const int stream : {1, 3}) {
        t.asks();
        t.is_told(stream, 502, "connection_refused");
    }
}

TEST_CASE("a stream that the client resets ends its server's connection, and no other stream") {
    Http2Transcript t;
    const auto stream = t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    t.sees({"1: 200 content-length: 10", "1: abc"});
    t.resets(stream);
    t.server_sees_end();
    serves_over_a_fresh_one(t, 3);
}

TEST_CASE("an upload that the client resets is no whole request for its server") {
    Http2Transcript t;
    const auto stream = t.posts();
    t.server_sees_head();
    t.sends(stream, "abc");
    t.server_sees("3\r\nabc\r\n");
    t.resets(stream);
    t.server_sees_end();
}

TEST_CASE("a client that leaves in the middle of its streams ends their servers' connections") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    t.sees({"1: 200 content-length: 10", "1: abc"});
    t.client_resets();
    t.server_sees_end();
}

TEST_CASE("a server that closes an idle connection is asked over a new one, on a stream too (RFC 9112 §9.3.1)") {
    Http2Transcript t;
    t.serves_stream();
    t.server_ends();
    serves_over_a_fresh_one(t, 3);
}

TEST_CASE("an upload is sent again with all of its content: a connection closed while idle has processed nothing") {
    Http2Transcript t;
    t.serves_stream();
    const auto stream = t.posts({{"content-length", "6"}});
    t.server_sees_head();
    t.sends(stream, "abc");
    t.server_sees("abc");
    t.server_ends();
    t.server_accepts();
    CHECK(t.server_sees_head().starts_with("POST / HTTP/1.1\r\n"));
    t.server_sees("abc");
    t.sends(stream, "def", true);
    t.server_sees("def");
    t.server(ok("hi"));
    t.sees({"3: 200 content-length: 2", "3: hi", "3: end"});
    CHECK(t.logged("repeated", 1) == "true");
}

TEST_CASE("a stream's request is sent again once: the end of a fresh connection is a failure") {
    Http2Transcript t;
    t.serves_stream();
    t.asks("GET", "/2");
    t.server_sees(get_of_2);
    t.server_ends();
    t.server_accepts();
    t.server_sees(get_of_2);
    t.server_ends();
    t.is_told(3, 502, "upstream_closed");
}

TEST_CASE("a server's silence is a 504 of its stream, while another is served") {
    Http2Transcript t({.response_timeout = 0.2});
    t.asks();
    t.server_sees_head();
    serves_over_a_fresh_one(t, 3);
    t.is_told(1, 504, "upstream_timeout");
}

TEST_CASE("content that stands still is a 408 of its stream (RFC 9110 §15.5.9)") {
    Http2Transcript t({.idle_timeout = 0.2});
    const auto stream = t.posts({{"content-length", "6"}});
    t.server_sees_head();
    t.sends(stream, "abc");
    t.server_sees("abc");
    t.is_told(1, 408, "request_rejected");
    t.sees({"1: reset NO_ERROR"});
    t.server_sees_end();
}

TEST_CASE("a response that stands still is cut, and the log says that whytls ended it, on a stream too") {
    Http2Transcript t({.idle_timeout = 0.2});
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    t.sees({"1: 200 content-length: 10", "1: abc"});
    t.sees({"1: reset CANCEL"});
    CHECK(t.logged("ended_by") == "idle_timeout");
    CHECK(t.logged("code") == "upstream_timeout");
}

TEST_CASE("a client that gives no window holds up its server, and gets all when it gives one") {
    constexpr std::size_t size = 20'000'000, window = 65'536;
    Http2Transcript t;
    t.gives_no_window(1);
    t.asks();
    t.server_sees_head();
    t.server(ok(std::string(size, 'x')));
    t.sees({fmt::format("1: 200 content-length: {}", size), "1: " + std::string(window, 'x')});
    t.server_is_held_up();
    t.gives_window(1);
    t.sees_content(1, size - window);
    t.sees({"1: end"});
}

TEST_CASE("a response before the request's end leaves the server's connection in order when the rest comes") {
    Http2Transcript t;
    const auto stream = t.posts({{"content-length", "6"}});
    t.server_sees_head();
    t.sends(stream, "abc");
    t.server_sees("abc");
    t.server(ok("early"));
    t.sees({"1: 200 content-length: 5", "1: early", "1: end"});
    t.sends(stream, "def", true);
    t.server_sees("def");
    t.serves_stream();
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a proxy that stops announces it, and a response that is under way reaches the client (RFC 9113 §6.8)") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    t.sees({"1: 200 content-length: 6", "1: abc"});
    t.proxy_stops();
    t.server("def");
    t.sees({"goaway NO_ERROR 1", "1: def", "1: end"});
    t.client_sees_end();
}
