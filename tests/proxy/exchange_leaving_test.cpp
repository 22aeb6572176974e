// One side leaves, or is silent, in the middle: the other side is told as far as HTTP can express
// it, and no connection remains.
#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

const std::string begun = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun";

// A response of which this part has come.
void begin_response(Transcript& t) {
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(begun);
    t.client_sees(begun);
}

}  // namespace

TEST_CASE("a client that resets while it waits ends the server's connection") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.client_resets();
    t.server_sees_end();
    CHECK(t.logged("status") == "0");
}

TEST_CASE("a client that resets in the middle of a response ends the server's connection") {
    Transcript t;
    begin_response(t);
    t.client_resets();
    t.server("more");
    t.server_sees_end();
    CHECK(t.logged("status") == "200");
    CHECK(t.logged("code") == "");  // the server did nothing wrong
}

TEST_CASE("a client that resets in the middle of its body ends the server's connection: the request is not whole") {
    Transcript t;
    const std::string head = post("Content-Length: 10\r\n");
    t.client(head + "abc");
    t.server_sees(relayed(head) + "abc");
    t.client_resets();
    t.server_sees_end();
}

TEST_CASE(
    "a client that ends in the middle of its body ends the server's connection: the request is not whole (RFC 9112 §8)") {
    for (const std::string& head : {post("Content-Length: 10\r\n"), post("Transfer-Encoding: chunked\r\n")}) {
        Transcript t;
        t.client(head + "9\r\nabc");
        t.server_sees(relayed(head) + "9\r\nabc");
        t.client_ends();
        t.server_sees_end();
        t.client_sees_reset();
    }
}

TEST_CASE("a client that ends its side after the request still gets the response") {
    Transcript t;
    t.client(get());
    t.client_ends();
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.client_sees_end();
}

TEST_CASE("a client that leaves between two requests is no failure, nor is one that says nothing") {
    Transcript t;
    t.serves();
    t.client_ends();
    t.client_sees_end();
    CHECK(t.requests_logged() == 1);
    Transcript silent;
    silent.client_ends();
    silent.client_sees_end();
    CHECK(silent.requests_logged() == 0);
    CHECK(silent.stderr_text().empty());
}

TEST_CASE(
    "a server that goes away before an answer is a 502 that says so, and the client's connection stays (RFC 9110 §15.6.3)") {
    for (const bool with_reset : {false, true}) {
        Transcript t;
        t.client(get());
        t.server_sees(relayed(get()));
        with_reset ? t.server_resets() : t.server_ends();
        CHECK_FALSE(t.client_is_told(502, "upstream_closed").announces_close());
        t.client_is_still_open();
        CHECK(t.logged("code") == "upstream_closed");
    }
}

TEST_CASE("a server that goes away in the middle of its head is a 502") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Le");
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
    t.client_is_still_open();
}

TEST_CASE(
    "a server that goes away while the client sends is a 502, and ends the connection: the body's rest has no place") {
    Transcript t;
    const std::string head = post("Content-Length: 10\r\n");
    t.client(head + "abc");
    t.server_sees(relayed(head) + "abc");
    t.server_resets();
    CHECK(t.client_is_told(502, "upstream_closed").announces_close());
    t.client_sees_end();
}

TEST_CASE("a server that goes away in the middle of its response cuts the client's connection (RFC 9112 §8)") {
    Transcript t;
    begin_response(t);
    t.server_resets();
    t.client_sees_reset();
    CHECK(t.logged("code") == "upstream_closed");
}

TEST_CASE("an answer that a server gave before it closed on the body reaches the client (RFC 9112 §9.6)") {
    Transcript t;
    const std::string head = post("Content-Length: 1000\r\n");
    t.client(head);
    t.server_sees(relayed(head));
    t.server("HTTP/1.1 401 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    t.server_ends();
    t.client_sees("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
    t.client_sees_end();
}

TEST_CASE(
    "a server that says nothing for the response time-out is a 504, and the client's connection stays (RFC 9110 §15.6.5)") {
    Transcript t({.response_timeout = 0.1});
    t.client(get());
    t.server_sees(relayed(get()));
    CHECK_FALSE(t.client_is_told(504, "upstream_timeout").announces_close());
    t.server_sees_end();
    t.client_is_still_open();
}

TEST_CASE("a head that does not come whole in the response time-out is a 504") {
    Transcript t({.response_timeout = 0.1});
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Le");
    t.client_is_told(504, "upstream_timeout");
    t.server_sees_end();
}

TEST_CASE("a pause of the client's upload is not the server's silence") {
    Transcript t({.response_timeout = 0.2});
    t.client(post("Content-Length: 2\r\n") + "a");
    t.server_sees(relayed(post("Content-Length: 2\r\n")) + "a");
    t.passes(0.3);
    t.client("b");
    t.server_sees("b");
    t.server(ok("ab"));
    t.client_sees(ok("ab"));
}

TEST_CASE("a request body that stands still is a 408, and the connection's end (RFC 9110 §15.5.9)") {
    Transcript t({.idle_timeout = 0.1});
    t.client(post("Content-Length: 100\r\n") + "half");
    t.server_sees(relayed(post("Content-Length: 100\r\n")) + "half");
    const Told told = t.client_is_told(408, "request_rejected");
    CHECK(told.announces_close());
    CHECK(told.body.contains("The beginning of your request had been sent to the server."));
    t.client_sees_end();
    t.server_sees_end();
    CHECK(t.stderr_text().contains("stopped in the middle of its request"));
}

TEST_CASE("a response that stands still is cut, and the log says that whytls ended it") {
    Transcript t({.idle_timeout = 0.1});
    begin_response(t);
    t.client_sees_reset();
    t.server_sees_end();
    CHECK(t.logged("code") == "upstream_timeout");
    CHECK(t.logged("ended_by") == "idle_timeout");
    CHECK(t.stderr_text().contains("without a byte from either side"));
}

TEST_CASE("a client that says nothing, or nothing more, is let go without a word") {
    Transcript silent({.idle_timeout = 0.1});
    silent.client_sees_end();
    Transcript served({.idle_timeout = 0.1});
    served.serves();
    served.client_sees_end();
    CHECK(served.requests_logged() == 1);
}

TEST_CASE("a request head has one deadline, however it trickles") {
    Transcript t({.idle_timeout = 0.1});
    t.client("GET http://good.test/ HTTP/1.1\r\nX: ");
    for (int i = 0; i < 5; ++i) {
        t.passes(0.03);
        t.client("x");
    }
    t.client_sees_cut();
    CHECK(t.server_connections() == 0);
}

TEST_CASE("a client that reads nothing of its response is let go") {
    Transcript t({.idle_timeout = 0.1});
    t.client_stops_reading();
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + std::string(20'000'000, 'x'));
    t.server_sees_end();
    CHECK(t.logged("ended_by") == "idle_timeout");
}

TEST_CASE("an upload that nobody takes after the whole response came is ended") {
    Transcript t({.response_timeout = 0.1});
    const std::string head = post("Content-Length: 1000\r\n");
    t.client(head + "begin");
    t.server_sees(relayed(head) + "begin");
    t.server(ok("early"));
    t.client_sees(ok("early"));
    t.client_sees_end();
    t.server_sees_end();
}

TEST_CASE("a body until close that stands still is cut: an end would make what came so far the whole (RFC 9112 §8)") {
    Transcript t({.idle_timeout = 0.1});
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\n\r\nbegun");
    t.client_sees("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbegun");
    t.client_sees_reset();
    t.server_sees_end();
}

TEST_CASE(
    "a body until close is cut when the request's body goes wrong: an end would make what came so far the whole") {
    Transcript t;
    t.client(post("Transfer-Encoding: chunked\r\n"));
    t.server_sees(relayed(post("Transfer-Encoding: chunked\r\n")));
    t.server("HTTP/1.1 200 OK\r\n\r\nbegun");
    t.client_sees("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbegun");
    t.client("no chunk\r\n");
    t.client_sees_reset();
    t.server_sees_end();
}

TEST_CASE(
    "a proxy that stops at once cuts what is under way: an end would make a body until close the whole, and says nothing of the server") {
    for (const std::string_view head : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"}) {
        Transcript t;
        const bool until_close = !head.contains("Length");
        t.client(get());
        t.server_sees(relayed(get()));
        t.server(std::string(head) + "\r\nbegun");
        t.client_sees(std::string(head) + (until_close ? "Connection: close\r\n" : "") + "\r\nbegun");
        t.proxy_stops_at_once();
        t.client_sees_reset();
        t.server_sees_end();
        CHECK(t.logged("code") == "");
        CHECK(t.stderr_text() == "");
    }
}

TEST_CASE("a proxy that stops at once before a response says nothing of the server") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.proxy_stops_at_once();
    t.client_sees_cut();
    t.server_sees_end();
    CHECK(t.logged("code") == "");
    CHECK(t.stderr_text() == "");
}

TEST_CASE("a proxy that stops at once ends what has been answered whole with an end") {
    Transcript t;
    t.serves();
    t.proxy_stops_at_once();
    t.client_sees_end();
    t.server_sees_end();
}

TEST_CASE("a proxy that stops at once cuts a tunnel for both") {
    Transcript t;
    const std::string connect = "CONNECT " + t.server_address() + " HTTP/1.1\r\nHost: x\r\n\r\n";
    t.client(connect);
    t.client_sees("HTTP/1.1 200 Connection Established\r\n\r\n");
    t.client("SSH-2.0-x\r\n");
    t.server_sees("SSH-2.0-x\r\n");
    t.server("SSH-2.0-y\r\n");
    t.client_sees("SSH-2.0-y\r\n");
    t.proxy_stops_at_once();
    t.client_sees_reset();
    t.server_sees_reset();
}
