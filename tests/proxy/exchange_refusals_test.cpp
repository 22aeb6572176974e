#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

constexpr std::string_view smuggled = "GET http://good.test/smuggled HTTP/1.1\r\nHost: good.test\r\n\r\n";

// Answered with 400, nothing of it or of what follows reaches a server, and the connection ends.
void is_refused(const std::string& sent) {
    Transcript t;
    INFO(sent);
    t.client(sent + std::string(smuggled));
    CHECK(t.client_is_told(400, "request_rejected").announces_close());
    t.client_sees_end();
    CHECK(t.server_connections() == 0);
}

void field_is_refused(const std::string& fields) { is_refused(post(fields, "0\r\n\r\n")); }

void response_is_refused(const std::string& response) {
    Transcript t;
    INFO(response);
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(response);
    CHECK_FALSE(t.client_is_told(502, "upstream_http_error").announces_close());
    t.server_sees_end();
    t.client_is_still_open();
}

}  // namespace

TEST_CASE("a request with Content-Length and Transfer-Encoding is refused (RFC 9112 §6.1)") {
    field_is_refused("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    field_is_refused("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
}

TEST_CASE("a request whose lengths differ, or are no number, is refused (RFC 9112 §6.3)") {
    for (const char* fields : {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
                               "Content-Length: +5\r\n", "Content-Length: -1\r\n", "Content-Length: 0x5\r\n",
                               "Content-Length: 99999999999999999999\r\n", "Content-Length: \r\n"})
        field_is_refused(fields);
}

TEST_CASE("a request whose last transfer coding is not chunked is refused (RFC 9112 §6.3)") {
    for (const char* fields : {"Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
                               "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n",
                               "Transfer-Encoding:\x0b"
                               "chunked\r\n",
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"})
        field_is_refused(fields);
}

TEST_CASE("a transfer coding in HTTP/1.0 is refused (RFC 9112 §6.1)") {
    is_refused("POST http://good.test/ HTTP/1.0\r\nHost: good.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_CASE(
    "white space before a field's colon, a fold, a bare CR or LF and NUL are refused in a request (RFC 9112 §5.1, §5.2, §2.2)") {
    for (const std::string& fields :
         {std::string("Content-Length : 5\r\n"), std::string("X: y\r\n Content-Length: 5\r\n"),
          std::string("X: y\rContent-Length: 5\r\n"), std::string("X: y\nContent-Length: 5\r\n"),
          std::string("X: \0\r\n", 7), std::string(" X: y\r\n"), std::string("X\r\n"), std::string(": y\r\n")})
        field_is_refused(fields);
}

TEST_CASE("a request without Host, with two, or with one that is none is refused (RFC 9112 §3.2)") {
    field_is_refused("Host: other.test\r\n");
    is_refused("GET http://good.test/ HTTP/1.1\r\n\r\n");
    is_refused("GET http://good.test/ HTTP/1.1\r\nHost: good.test, other.test\r\n\r\n");
    is_refused("GET http://good.test/ HTTP/1.1\r\nHost: good.test/x\r\n\r\n");
}

TEST_CASE("a start line that is none is refused (RFC 9112 §3)") {
    for (const char* line : {"GET http://good.test/", "GET http://good.test/ HTTP/1.2",
                             "GET http://good.test/ HTTP/2.0", "GET  http://good.test/ HTTP/1.1",
                             "GET http://good.test/ x HTTP/1.1", "GE:T http://good.test/ HTTP/1.1", "GET HTTP/1.1"})
        is_refused(std::string(line) + "\r\nHost: good.test\r\n\r\n");
}

TEST_CASE("a malformed request after a good one is refused, and the good one answered (RFC 9112 §2.2)") {
    Transcript t;
    t.client(get() + post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.client_is_told(400, "request_rejected");
    t.client_sees_end();
    t.server_sees_nothing();
}

TEST_CASE("a chunk that is none ends the request: its server sees no whole one (RFC 9112 §7.1)") {
    for (const std::string_view wrong :
         {"-1\r\n", "5 \r\nabcde", "5\nabcde", "3\r\nabcde\r\n0\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n"}) {
        Transcript t;
        INFO(wrong);
        const std::string head = post("Transfer-Encoding: chunked\r\n");
        t.client(head + "2\r\nab\r\n");
        t.server_sees(relayed(head) + "2\r\nab\r\n");
        t.client(std::string(wrong) + std::string(smuggled));
        const Told told = t.client_is_told(400, "request_rejected");
        CHECK(told.announces_close());
        CHECK(told.body.contains("The beginning of your request had been sent to the server."));
        t.client_sees_end();
        const std::string rest = t.server_sees_until_end();
        CHECK_FALSE(rest.ends_with("\r\n0\r\n\r\n"));
        CHECK_FALSE(rest.contains("smuggled"));
    }
}

TEST_CASE("a chunk that is none after the response has begun is answered by the connection's end only") {
    Transcript t;
    t.client(post("Transfer-Encoding: chunked\r\n"));
    t.server_sees(relayed(post("Transfer-Encoding: chunked\r\n")));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nearly");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nearly");
    t.client("no chunk\r\n");
    t.server_sees_end();
    t.client_sees_reset();
    CHECK(t.logged("code") == "request_rejected");
    CHECK(t.logged("status") == "200");
}

TEST_CASE("a request head over the limit is a 431 (RFC 6585 §5)") {
    Transcript t({.largest_head = 2048});
    t.client(get("/", "X: " + std::string(3000, 'x') + "\r\n"));
    const Told told = t.client_is_told(431, "request_rejected");
    CHECK(told.announces_close());
    CHECK(told.body.contains("2 KiB"));
    t.client_sees_end();
}

TEST_CASE("a response head over the limit is a 502 that names the limit") {
    Transcript t({.largest_head = 2048});
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(ok("", "X: " + std::string(3000, 'x') + "\r\n"));
    CHECK(t.client_is_told(502, "upstream_http_error").body.contains("2 KiB"));
    t.server_sees_end();
}

TEST_CASE("a response whose lengths differ, or are no number, is a 502 (RFC 9112 §6.3)") {
    for (const char* fields : {"Content-Length: 5\r\nContent-Length: 4", "Content-Length: 5, 6", "Content-Length: -5",
                               "Content-Length: +5", "Content-Length: 18446744073709551621"})
        response_is_refused("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n\r\nabcde");
}

TEST_CASE(
    "a response whose transfer coding is not chunked, or stands beside a length in HTTP/1.0, is a 502 (RFC 9112 §6.1, §6.3)") {
    response_is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabcde");
    response_is_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nabcde");
    response_is_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n");
}

TEST_CASE("what is no response is a 502, and none of it reaches the client as one (RFC 9112 §4)") {
    for (const char* response :
         {"<html>hello</html>", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
          "HTTP/1.1 099 No\r\n\r\n", "HTTP/1.1 200 OK\r\nX\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\rZ: 1\r\n\r\n"})
        response_is_refused(response);
}

TEST_CASE("a target that leads nowhere is a 400 and keeps the connection: its request was read whole (RFC 9112 §3.2)") {
    Transcript t;
    for (const char* line : {"GET ftp://good.test/ HTTP/1.1", "GET gopher://good.test/ HTTP/1.1"}) {
        t.client(std::string(line) + "\r\nHost: good.test\r\n\r\n");
        CHECK_FALSE(t.client_is_told(400, "request_rejected").announces_close());
    }
    t.serves();
}

TEST_CASE("the body of a request that is answered here is read away: the next request begins after it") {
    Transcript t;
    t.client("POST ftp://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 5\r\n\r\nabcde" + get("/next"));
    t.client_is_told(400, "request_rejected");
    t.server_sees(relayed(get("/next")));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("an answer of whytls's own to HEAD has no body (RFC 9110 §9.3.2)") {
    Transcript t;
    t.server_is_gone();
    t.client(request("HEAD"));
    CHECK(t.client_is_told_of_head(502, "connection_refused").head.contains("\r\nContent-Length: "));
    t.client_is_still_open();
}

TEST_CASE("the own page and an own error keep the connection, and their bodies end where they say") {
    Transcript t;
    t.client("GET http://why.tls/ HTTP/1.1\r\nHost: why.tls\r\n\r\n");
    CHECK(t.client_is_told(200, "").body.contains("whytls"));
    t.client("GET http://why.tls/nothing HTTP/1.1\r\nHost: why.tls\r\n\r\n");
    CHECK(t.client_is_told(404, "").body.contains("nothing here"));
    t.client("POST http://why.tls/ HTTP/1.1\r\nHost: why.tls\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(t.client_is_told(405, "").head.contains("\r\nAllow: GET, HEAD\r\n"));
    t.serves();
}
