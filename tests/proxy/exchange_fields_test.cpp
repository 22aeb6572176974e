#include <fmt/format.h>

#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

// What a server sees of a GET with these fields.
void server_gets(std::string_view sent, std::string_view seen) {
    Transcript t;
    INFO(sent);
    t.client(get("/", sent));
    t.server_sees(relayed(get("/", seen)));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

// What a client sees of a 200 with these fields.
void client_gets(std::string_view sent, std::string_view seen) {
    Transcript t;
    INFO(sent);
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(ok("hi", sent));
    t.client_sees(ok("hi", seen));
}

}  // namespace

TEST_CASE(
    "hop-by-hop fields of a request end at the proxy, and the others pass in their order and case (RFC 9110 §7.6.1)") {
    server_gets(
        "X-First: 1\r\nProxy-Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nx-Third:  3 \r\nX-First: 2\r\n",
        "X-First: 1\r\nx-Third: 3\r\nX-First: 2\r\n");
}

TEST_CASE("the proxy's credentials are for the proxy only (RFC 9110 §11.7.2)") {
    server_gets("Proxy-Authorization: Basic c2VjcmV0\r\nAuthorization: Basic eA==\r\n",
                "Authorization: Basic eA==\r\n");
}

TEST_CASE("fields that Connection names end at the proxy (RFC 9110 §7.6.1)") {
    server_gets("Connection: X-Second, x-third\r\nX-Second: 2\r\nX-Third: 3\r\nX: 1\r\n", "X: 1\r\n");
}

TEST_CASE("Connection cannot take away what frames a request or says where it goes (RFC 9110 §7.6.1)") {
    Transcript t;
    const std::string named = "Connection: content-length, host, transfer-encoding\r\n";
    t.client(post("Content-Length: 5\r\n" + named, "12345"));
    t.server_sees(relayed(post("Content-Length: 5\r\n", "12345")));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.client(post("Transfer-Encoding: chunked\r\n" + named, "0\r\n\r\n"));
    t.server_sees(relayed(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("hop-by-hop fields of a response end at the proxy (RFC 9110 §7.6.1)") {
    client_gets(
        "Keep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nProxy-Connection: x\r\nServer: s\r\n",
        "Server: s\r\n");
    client_gets("Proxy-Authenticate: Basic\r\nWWW-Authenticate: Basic\r\n", "WWW-Authenticate: Basic\r\n");
    client_gets("Upgrade: h2c\r\nConnection: upgrade\r\n", "");
}

TEST_CASE("each line of a field passes as a line of its own (RFC 9110 §5.3)") {
    client_gets("Set-Cookie: a=1\r\nX: y\r\nset-cookie: b=2, c\r\n",
                "Set-Cookie: a=1\r\nX: y\r\nset-cookie: b=2, c\r\n");
}

TEST_CASE("Host is the target's of the absolute form, whatever the client sent (RFC 9112 §3.2.2)") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.1\r\nX: 1\r\nHost: evil.test\r\n\r\n");
    t.server_sees("GET / HTTP/1.1\r\nX: 1\r\nHost: good.test\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("a target without a path is asked for as / (RFC 9112 §3.2.1)") {
    Transcript t;
    t.client("GET http://good.test?q HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server_sees("GET /?q HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("OPTIONS of a target without path and query is OPTIONS * for the last server (RFC 9112 §3.2.4)") {
    Transcript t;
    t.client("OPTIONS http://good.test HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server_sees("OPTIONS * HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server(ok(""));
    t.client_sees(ok(""));
}

TEST_CASE("Max-Forwards is counted down, and at 0 OPTIONS and TRACE are answered here (RFC 9110 §7.6.2)") {
    for (const std::string_view method : {"OPTIONS", "TRACE"}) {
        Transcript t;
        t.client(request(method, "Max-Forwards: 1\r\n"));
        t.server_sees(relayed(request(method, "Max-Forwards: 0\r\n")));
        t.server(ok("there"));
        t.client_sees(ok("there"));
        t.client(request(method, "Max-Forwards: 0\r\n"));
        const Told told = t.client_is_told(200, "");
        CHECK(told.body.empty() == (method == "OPTIONS"));
        t.server_sees_nothing();
    }
}

TEST_CASE("Max-Forwards of other methods is left alone (RFC 9110 §7.6.2)") {
    server_gets("Max-Forwards: 0\r\n", "Max-Forwards: 0\r\n");
}

TEST_CASE("TRACE at its last hop gives back what was received, without what is secret (RFC 9110 §9.3.8)") {
    Transcript t;
    t.client(request("TRACE", "Max-Forwards: 0\r\nCookie: secret\r\nAuthorization: Basic secret\r\nX: y\r\n"));
    const Told told = t.client_is_told(200, "");
    CHECK(told.head.contains("\r\nContent-Type: message/http\r\n"));
    CHECK(told.body.starts_with("TRACE / HTTP/1.1\r\nHost: good.test\r\n"));
    CHECK(told.body.contains("\r\nX: y\r\n"));
    CHECK_FALSE(told.body.contains("secret"));
}

TEST_CASE("Via of other proxies passes as it came; servers see no whytls (RFC 9110 §7.6.3)") {
    server_gets("Via: 1.1 squid\r\n", "Via: 1.1 squid\r\n");
    server_gets("Via: 1.1 squid, 1.1 whytls-0123456789abcdef\r\n", "Via: 1.1 squid\r\n");
    server_gets("CDN-Loop: other.cdn, whytls-0123456789abcdef\r\n", "CDN-Loop: other.cdn, whytls-0123456789abcdef\r\n");
}

TEST_CASE("a request that comes back is refused as a loop, by Via and by CDN-Loop (RFC 9110 §7.6.3, RFC 8586)") {
    Transcript t;
    for (const std::string_view field : {"Via: 1.1 squid, 1.1 {}\r\n", "CDN-Loop: {}\r\n"}) {
        t.client(get("/", fmt::format(fmt::runtime(field), t.pseudonym())));
        CHECK_FALSE(t.client_is_told(502, "proxy_loop").announces_close());
    }
    t.client("GET http://" + t.address() + "/x HTTP/1.1\r\nHost: " + t.address() + "\r\n\r\n");
    t.client_is_told(502, "proxy_loop");
    CHECK(t.server_connections() == 0);
}

TEST_CASE("what a server says in Proxy-Status under whytls's name did not come from whytls (RFC 9209 §2)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nProxy-Status: whytls; error=x\r\nProxy-Status: cdn; error=y\r\n\r\n");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nProxy-Status: cdn; error=y\r\n\r\n");
}

TEST_CASE("a reverse listener's server gets its own Host and path, and its redirects come back mapped") {
    Transcript t({.reverse = "http://good.test/base"});
    t.client("GET /x?y HTTP/1.1\r\nHost: " + t.address() + "\r\n\r\n");
    t.server_sees("GET /base/x?y HTTP/1.1\r\nHost: good.test\r\n\r\n");
    t.server("HTTP/1.1 302 Found\r\nLocation: http://good.test/base/z\r\nContent-Length: 0\r\n\r\n");
    t.client_sees("HTTP/1.1 302 Found\r\nLocation: http://" + t.address() + "/z\r\nContent-Length: 0\r\n\r\n");
    t.client("GET http://elsewhere.test/ HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n");
    t.client_is_told(400, "request_rejected");
}

TEST_CASE("a parent proxy gets the absolute form and a Via that ends with whytls (RFC 9112 §3.2.2, RFC 9110 §7.6.3)") {
    Transcript t({.parent = true});
    t.client(get("/a", "Via: 1.1 first\r\nProxy-Authorization: Basic eA==\r\n"));
    t.server_sees("GET http://good.test/a HTTP/1.1\r\nHost: good.test\r\nVia: 1.1 first\r\nVia: 1.1 " + t.pseudonym() +
                  "\r\n\r\n");
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    CHECK(t.logged("parent") == t.server_address());
}

TEST_CASE("a parent proxy's own refusal passes with the name of who was asked (RFC 9209 §2.1.2)") {
    Transcript t({.parent = true});
    t.client(get());
    t.server_sees_head();
    t.server("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n");
    t.client_sees("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\nProxy-Status: whytls; next-hop=\"" +
                  t.server_address() + "\"\r\n\r\n");
}

TEST_CASE("a parent proxy's 407 is not the client's to answer: it becomes a 502 (RFC 9110 §15.5.8)") {
    Transcript t({.parent = true});
    t.client(get());
    t.server_sees_head();
    t.server(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    CHECK_FALSE(t.client_is_told(502, "upstream_proxy_refused").head.contains("Proxy-Authenticate"));
    t.client_is_still_open();
}

TEST_CASE("a server's 407 passes, without a challenge that no server has a right to (RFC 9110 §15.5.8)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    t.client_sees("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
}
