#include <fmt/format.h>

#include "tests/proxy/transcript.h"

using namespace proxy_test;

TEST_CASE("HTTP/1.1 connections persist: the next request goes over the same two (RFC 9112 §9.3)") {
    Transcript t;
    t.client(get("/a"));
    t.server_sees("GET /a HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    t.client_is_still_open();
    t.serves();
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a client's Connection: close ends its connection after the response, which says so (RFC 9112 §9.6)") {
    Transcript t;
    t.client(get("/", "Connection: close\r\n"));
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    t.client_sees_end();
}

TEST_CASE("a request that follows Connection: close is not processed (RFC 9112 §9.6)") {
    Transcript t;
    t.client(get("/", "Connection: close\r\n") + get("/after"));
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees(ok("hi").insert(ok("hi").find("\r\n\r\n") + 2, "Connection: close\r\n"));
    t.client_sees_end();
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a server's Connection: close ends its connection only: the client's stays (RFC 9110 §7.6.1)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(ok("hi", "Connection: close\r\n"));
    t.client_sees(ok("hi"));
    t.server_sees_end();
    t.client(get("/2"));
    t.server_accepts();
    t.server_sees(relayed(get("/2")));
    t.server(ok("again"));
    t.client_sees(ok("again"));
}

TEST_CASE("an HTTP/1.0 client's connection ends after the response (RFC 9112 §9.3)") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.0\r\n\r\n");
    t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    t.client_sees_end();
}

TEST_CASE("an HTTP/1.0 client that asks for keep-alive is told that it has it (RFC 9112 §9.3, appendix C.2.2)") {
    Transcript t;
    for (int i = 0; i < 2; ++i) {
        t.client("GET http://good.test/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
        t.server(ok("hi"));
        t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
    }
    t.client_is_still_open();
}

TEST_CASE("an HTTP/1.0 server's connection is not used again (RFC 9112 §9.3)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    t.client_sees("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
    t.server_sees_end();
    t.client_is_still_open();
}

TEST_CASE("an HTTP/1.0 server that says keep-alive serves the next request too (RFC 9112 §9.3)") {
    Transcript t;
    for (int i = 0; i < 2; ++i) {
        t.client(get());
        t.server_sees(relayed(get()));
        t.server("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
        t.client_sees("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
    }
    CHECK(t.server_connections() == 1);
}

TEST_CASE("pipelined requests are answered in their order (RFC 9112 §9.3.2)") {
    Transcript t;
    constexpr int count = 20;
    std::string all;
    for (int i = 0; i < count; ++i) all += get(fmt::format("/{}", i));
    t.client(all);
    for (int i = 0; i < count; ++i) {
        const std::string path = fmt::format("/{}", i);
        t.server_sees(relayed(get(path)));
        t.server_sees_nothing();  // the next waits for this one's response
        t.server(ok(path));
        t.client_sees(ok(path));
    }
}

TEST_CASE("a request that comes a byte at a time is the same request") {
    Transcript t;
    t.client_trickles(get("/a") + get("/b"));
    t.server_sees(relayed(get("/a")));
    t.server_trickles(ok("first"));
    t.client_sees(ok("first"));
    t.server_sees(relayed(get("/b")));
    t.server_trickles(ok("second"));
    t.client_sees(ok("second"));
}

TEST_CASE("bytes after a response do not answer the next request: the connection is not used again (RFC 9112 §9.3)") {
    Transcript t;
    t.client(get("/1"));
    t.server_sees(relayed(get("/1")));
    t.server(ok("first") + ok("poison"));
    t.client_sees(ok("first"));
    t.server_sees_end();
    t.client(get("/2"));
    t.server_accepts();
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees(ok("second"));
}

TEST_CASE("what a server says while it is asked nothing does not answer the next request") {
    Transcript t;
    t.serves("/1");
    t.server(ok("poison"));
    t.client(get("/2"));
    t.server_accepts();
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees(ok("second"));
}

TEST_CASE("a server that closes an idle connection is asked over a new one (RFC 9112 §9.3.1)") {
    Transcript t;
    t.serves("/1");
    t.server_ends();
    t.client(get("/2"));
    t.server_accepts();
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees(ok("second"));
    CHECK(t.logged("repeated", 1).empty());
}

TEST_CASE("one client connection serves several hosts, each over a connection of its own") {
    Transcript t;
    t.serves("/1");
    t.client("GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n");
    t.server_accepts();
    t.server_sees("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n");
    t.server(ok("other"));
    t.client_sees(ok("other"));
}

TEST_CASE("the answer for a server that cannot be reached leaves the client's connection in order") {
    Transcript t;
    t.server_is_gone();
    for (int i = 0; i < 2; ++i) {
        t.client(get());
        const Told told = t.client_is_told(502, "connection_refused");
        CHECK_FALSE(told.announces_close());
    }
}

TEST_CASE("a response that is under way when the proxy stops reaches the client, and the connection ends") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.proxy_stops();
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.client_sees_end();
}

TEST_CASE("a request that came before the proxy stopped is the last, and its response says so (RFC 9112 §9.6)") {
    Transcript t;
    t.client(get("/1") + get("/2") + get("/3"));
    t.server_sees(relayed(get("/1")));
    t.proxy_stops();
    t.server(ok("first"));
    t.client_sees(ok("first"));
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond");
    t.client_sees_end();
}

TEST_CASE("a connection between two requests is closed when the proxy stops") {
    Transcript t;
    t.serves();
    t.proxy_stops();
    t.client_sees_end();
}
