#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

const std::string expecting = post("Content-Length: 4\r\nExpect: 100-continue\r\n");
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";

}  // namespace

TEST_CASE("an interim response reaches the client before the final one does (RFC 9110 §15.2)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
    t.client_sees("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
    t.server("HTTP/1.1 102 Processing\r\n\r\n");
    t.client_sees("HTTP/1.1 102 Processing\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.serves();
    CHECK(t.logged("status") == "200");
}

TEST_CASE("an interim response has no body, whatever length it names (RFC 9112 §6.3)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + ok("hi"));
    t.client_sees("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + ok("hi"));
}

TEST_CASE("an interim response loses its hop-by-hop fields as a final one does (RFC 9110 §7.6.1)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(
        "HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nLink: </a>\r\n\r\n");
    t.client_sees("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("an HTTP/1.0 client is sent no interim response (RFC 9110 §15.2)") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\n\r\n");
    t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok("hi"));
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    t.client_sees_end();
}

TEST_CASE("64 interim responses pass and a 65th is no response any more: a server must come to an answer") {
    Transcript t;
    const std::string_view early = "HTTP/1.1 103 Early Hints\r\n\r\n";
    t.client(get());
    t.server_sees(relayed(get()));
    for (int i = 0; i < 64; ++i) {
        t.server(early);
        t.client_sees(early);
    }
    t.server(early);
    t.client_is_told(502, "upstream_http_error");
    t.client_is_still_open();
    t.server_sees_end();
}

TEST_CASE("an end after an interim response is no end of the final one") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 103 Early Hints\r\n\r\n");
    t.client_sees("HTTP/1.1 103 Early Hints\r\n\r\n");
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
}

TEST_CASE(
    "the server's 100 reaches the client that expects it, and its body the server; both connections stay (RFC 9110 §10.1.1)") {
    Transcript t;
    for (int i = 0; i < 2; ++i) {
        t.client(expecting);
        t.server_sees(relayed(expecting));
        t.client_is_still_open();  // whytls itself sends no 100
        t.server(go_on);
        t.client_sees(go_on);
        t.client("body");
        t.server_sees("body");
        t.server(ok("done"));
        t.client_sees(ok("done"));
    }
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a client need not wait for the 100 (RFC 9110 §10.1.1)") {
    Transcript t;
    t.client(expecting + "body");
    t.server_sees(relayed(expecting) + "body");
    t.server(std::string(go_on) + ok("done"));
    t.client_sees(std::string(go_on) + ok("done"));
    t.serves();
}

TEST_CASE("a 100 that the client did not expect is passed on (RFC 9110 §15.2)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(std::string(go_on) + ok("hi"));
    t.client_sees(std::string(go_on) + ok("hi"));
    t.serves();
}

TEST_CASE(
    "a final status instead of the 100 ends both connections: what follows could be the body or a request (RFC 9110 §10.1.1)") {
    for (const std::string_view later : {"", "body", "bodyGET http://good.test/2 HTTP/1.1\r\nHost: good.test\r\n\r\n",
                                         "GET http://good.test/2 HTTP/1.1\r\nHost: good.test\r\n\r\n"}) {
        Transcript t;
        INFO(later);
        t.client(expecting);
        t.server_sees(relayed(expecting));
        t.server(refused);
        t.client_sees("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        t.client_sees_end();
        t.client(later);
        t.server_sees_end();
        CHECK(t.server_connections() == 1);
        CHECK(t.requests_logged() == 1);
        CHECK(t.logged("request_bytes") == "0");
    }
}

TEST_CASE(
    "a 417 ends both connections without saying so: curl asks again only where no end is announced (RFC 9110 §15.5.18)") {
    Transcript t;
    t.client(expecting);
    t.server_sees(relayed(expecting));
    t.server("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    t.client_sees("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    t.client_sees_end();
    t.server_sees_end();
}

TEST_CASE("a body that comes while the final response still does is passed on as one (RFC 9110 §10.1.1)") {
    Transcript t;
    t.client(expecting);
    t.server_sees(relayed(expecting));
    t.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n");
    t.client_sees("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nbegun\r\n");
    t.client("body");
    t.server_sees("body");
    t.server("4\r\nbody\r\n0\r\n\r\n");
    t.client_sees("4\r\nbody\r\n0\r\n\r\n");
    t.client_sees_end();
}

TEST_CASE("a client that waits for a 100 is told of the server's silence, not of its own (RFC 9110 §15.6.5)") {
    Transcript t({.idle_timeout = 0.1, .response_timeout = 0.3});
    t.client(expecting);
    t.server_sees(relayed(expecting));
    t.client_is_told(504, "upstream_timeout");
}

TEST_CASE(
    "after an answer of whytls's own instead of a 100 the connection ends: the body may come or not (RFC 9110 §10.1.1)") {
    Transcript t;
    t.server_is_gone();
    t.client(expecting);
    CHECK(t.client_is_told(502, "connection_refused").announces_close());
    t.client_sees_end();
}

TEST_CASE("an expectation of an HTTP/1.0 client is none (RFC 9110 §10.1.1)") {
    Transcript t;
    t.client(
        "POST http://good.test/ HTTP/1.0\r\nHost: good.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
        "Connection: keep-alive\r\n\r\nbody");
    t.server_sees(
        "POST / HTTP/1.0\r\nHost: good.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: keep-alive\r\n\r\nbody");
    t.server(std::string(go_on) + ok("done"));
    t.client_sees(ok("done").insert(ok("done").find("\r\n\r\n") + 2, "Connection: keep-alive\r\n"));
}

TEST_CASE("an interim response is mapped as the final one is where the client has another URL") {
    Transcript t;
    t.client("GET /http://good.test/ HTTP/1.1\r\nHost: " + t.address() + "\r\n\r\n");
    t.server_sees("GET / HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server("HTTP/1.1 103 Early Hints\r\nLocation: /b\r\n\r\n" + ok("hi"));
    t.client_sees("HTTP/1.1 103 Early Hints\r\nLocation: /http://good.test/b\r\n\r\n" + ok("hi"));
}
