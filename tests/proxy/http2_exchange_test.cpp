#include <fmt/format.h>

#include <string>

#include "tests/proxy/http2_transcript.h"

using namespace proxy_test;

namespace {

constexpr std::string_view chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A GET is answered so by its server; what its client sees of it, and that both connections go on.
void answered(const std::string& response, const std::vector<std::string>& events, std::string_view method = "GET") {
    Http2Transcript t;
    INFO(response);
    t.asks(method);
    t.server_sees(fmt::format("{} / HTTP/1.1\r\nhost: good.test\r\n\r\n", method));
    t.server(response);
    t.sees(events);
    t.serves_stream();
    CHECK(t.server_connections() == 1);
}

}  // namespace

TEST_CASE("a request on a stream is HTTP/1.1's to the server, and the response comes on the stream (RFC 9113 §8.1)") {
    Http2Transcript t;
    CHECK(t.asks("GET", "/a?b=c", {{"x-one", "1"}}) == 1);
    t.server_sees("GET /a?b=c HTTP/1.1\r\nhost: good.test\r\nx-one: 1\r\n\r\n");
    t.server(ok("hi", "X-Two: 2\r\n"));
    t.sees({"1: 200 x-two: 2 content-length: 2", "1: hi", "1: end"});
    CHECK(t.logged("url") == "http://good.test/a?b=c");
    CHECK(t.logged("response_bytes") == "2");
}

TEST_CASE("streams that follow each other go over one connection to the server") {
    Http2Transcript t;
    for (int stream = 0; stream < 3; ++stream) t.serves_stream();
    CHECK(t.server_connections() == 1);
    CHECK(t.requests_logged() == 3);
}

TEST_CASE("a stream does not wait for the response of an earlier one (RFC 9113 §5)") {
    Http2Transcript t;
    const auto late = t.asks("GET", "/late");
    t.server_sees_head();
    t.asks("GET", "/soon");
    t.server_accepts();
    t.server_sees_head();
    t.server(ok("soon"));
    t.sees({"3: 200 content-length: 4", "3: soon", "3: end"});
    t.resets(late);
}

TEST_CASE("the last of a response's content ends its stream in the same frame (RFC 9113 §6.1)") {
    Http2Transcript t;
    t.asks();
    t.server_accepts();
    t.server_sees_head();
    t.server(ok("soon"));
    t.sees({"1: 200 content-length: 4", "1: soon", "1: end"});
    const std::string frame("\0\0\4\0\1\0\0\0\1soon", 13);  // DATA with END_STREAM
    CHECK(t.came().ends_with(frame));
}

TEST_CASE("each line of a field stays one, in lower case (RFC 9113 §8.2)") {
    answered("HTTP/1.1 200 OK\r\nSet-Cookie: A=1\r\nContent-Length: 0\r\nSet-Cookie: B=2\r\n\r\n",
             {"1: 200 set-cookie: A=1 content-length: 0 set-cookie: B=2", "1: end"});
}

TEST_CASE("fields about the server's connection end at the proxy (RFC 9113 §8.2.2)") {
    answered(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=50\r\n"
        "Proxy-Connection: keep-alive\r\nContent-Length: 0\r\n\r\n",
        {"1: 200 content-length: 0", "1: end"});
}

TEST_CASE(
    "the proxy's credentials are for the proxy only, and a TE is for one connection (RFC 9110 §11.7.2, §10.1.4)") {
    Http2Transcript t;
    t.asks("GET", "/", {{"proxy-authorization", "Basic eDp5"}, {"te", "trailers"}, {"x", "1"}});
    t.server_sees("GET / HTTP/1.1\r\nhost: good.test\r\nx: 1\r\n\r\n");
    t.server(ok(""));
    t.sees({"1: 200 content-length: 0", "1: end"});
}

TEST_CASE("lines of a Cookie become one for a server of HTTP/1.1 (RFC 9113 §8.2.3)") {
    Http2Transcript t;
    t.asks("GET", "/", {{"cookie", "a=1"}, {"x", "1"}, {"cookie", "b=2"}});
    CHECK(t.server_sees_head().contains("cookie: a=1; b=2\r\n"));
    t.server(ok(""));
    t.sees({"1: 200 content-length: 0", "1: end"});
}

TEST_CASE("content of a length that was said goes as it is (RFC 9113 §8.1.1)") {
    Http2Transcript t;
    const auto stream = t.posts({{"content-length", "6"}});
    t.server_sees("POST / HTTP/1.1\r\nhost: good.test\r\ncontent-length: 6\r\n\r\n");
    t.sends(stream, "abc");
    t.server_sees("abc");
    t.sends(stream, "def", true);
    t.server_sees("def");
    t.server(ok("hi"));
    t.sees({"1: 200 content-length: 2", "1: hi", "1: end"});
    t.serves_stream();
}

TEST_CASE("content of which no length was said becomes chunks, and its trailers theirs (RFC 9112 §7.1)") {
    Http2Transcript t;
    const auto stream = t.posts();
    CHECK(t.server_sees_head().contains("Transfer-Encoding: chunked\r\n"));
    t.sends(stream, "abc");
    t.server_sees("3\r\nabc\r\n");
    t.sends_trailers(stream, {{"x-sum", "1"}});
    t.server_sees("0\r\nx-sum: 1\r\n\r\n");
    t.server(ok("hi"));
    t.sees({"1: 200 content-length: 2", "1: hi", "1: end"});
    t.serves_stream();
}

TEST_CASE("chunks of a response are content, and their extensions nobody's (RFC 9113 §8.2.2)") {
    answered(std::string(chunked) + "3;x=y\r\nabc\r\n02\r\nde\r\n0;last\r\n\r\n", {"1: 200", "1: abcde", "1: end"});
}

TEST_CASE("trailers of chunks are the stream's, but for those that may only stand in a head (RFC 9110 §6.5.1)") {
    answered(std::string(chunked) + "3\r\nabc\r\n0\r\nX-Sum: 1\r\nContent-Length: 7\r\nConnection: close\r\n\r\n",
             {"1: 200", "1: abc", "1: trailers x-sum: 1"});
}

TEST_CASE("a response to HEAD ends with its head, and keeps the length that it says (RFC 9113 §8.1.1)") {
    answered("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", {"1: 200 content-length: 1000", "1: end"}, "HEAD");
    answered(std::string(chunked), {"1: 200", "1: end"}, "HEAD");
}

TEST_CASE("a 204 and a 304 end with their heads (RFC 9110 §6.4.1)") {
    answered("HTTP/1.1 204 No Content\r\n\r\n", {"1: 204", "1: end"});
    answered("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", {"1: 304 etag: \"x\"", "1: end"});
}

TEST_CASE("content until close ends its stream only (RFC 9113 §8.1)") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server("HTTP/1.1 200 OK\r\n\r\nall of");
    t.sees({"1: 200", "1: all of"});
    t.server(" it");
    t.server_ends();
    t.sees({"1:  it", "1: end"});
    t.asks("GET", "/2");
    t.server_accepts();
    t.server_sees(relayed("GET /2 HTTP/1.1\r\nhost: good.test\r\n\r\n"));
    t.server(ok("2"));
    t.sees({"3: 200 content-length: 1", "3: 2", "3: end"});
}

TEST_CASE("a response that trickles arrives as it comes") {
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    t.server_trickles("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    t.sees({"1: 200 content-length: 3"});
    for (const char* byte : {"a", "b"}) {
        t.server(byte);
        t.sees({fmt::format("1: {}", byte)});
    }
    t.server("c");
    t.sees({"1: c", "1: end"});
}

TEST_CASE("interim responses come before the final one, without what is about a connection (RFC 9113 §8.1)") {
    answered(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"
        "HTTP/1.1 103 Early Hints\r\n\r\n" +
            ok("hi"),
        {"1: 103 link: </a>", "1: 103", "1: 200 content-length: 2", "1: hi", "1: end"});
}

TEST_CASE("64 interim responses pass on a stream and a 65th is no response any more") {
    const std::string one = "HTTP/1.1 102 Processing\r\n\r\n";
    Http2Transcript t;
    t.asks();
    t.server_sees_head();
    for (int count = 0; count < 65; ++count) t.server(one);
    t.sees(std::vector<std::string>(64, "1: 102"));
    t.is_told(1, 502, "upstream_http_error");
    t.server_sees_end();
}

TEST_CASE("a server's 100 comes on the stream, and the content after it (RFC 9110 §10.1.1)") {
    Http2Transcript t;
    const auto stream = t.posts({{"content-length", "3"}, {"expect", "100-continue"}});
    CHECK(t.server_sees_head().contains("expect: 100-continue\r\n"));
    t.server("HTTP/1.1 100 Continue\r\n\r\n");
    t.sees({"1: 100"});
    t.sends(stream, "abc", true);
    t.server_sees("abc");
    t.server(ok("hi"));
    t.sees({"1: 200 content-length: 2", "1: hi", "1: end"});
    t.serves_stream();
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a request that comes back is refused as a loop, by its Via (RFC 9110 §7.6.3)") {
    Http2Transcript t;
    t.asks("GET", "/", {{"via", "1.1 " + t.pseudonym()}});
    t.is_told(1, 502, "proxy_loop");
    CHECK(t.server_connections() == 0);
}

TEST_CASE("Max-Forwards is counted down on a stream too, and at 0 answered here (RFC 9110 §7.6.2)") {
    Http2Transcript t;
    t.asks("OPTIONS", "/", {{"max-forwards", "1"}});
    CHECK(t.server_sees_head().contains("max-forwards: 0\r\n"));
    t.server(ok(""));
    t.sees({"1: 200 content-length: 0", "1: end"});
    t.asks("OPTIONS", "/", {{"max-forwards", "0"}});
    t.sees({"3: 200 content-length: 0", "3: end"});
    t.server_sees_nothing();
}

TEST_CASE("a reverse listener's server gets its own name and path from a stream, and its redirects come back mapped") {
    Http2Transcript t({.reverse = "http://api.test/v2"});
    t.asks("GET", "/a?b");
    CHECK(t.server_sees_head().starts_with("GET /v2/a?b HTTP/1.1\r\nhost: api.test\r\n"));
    t.server("HTTP/1.1 302 Found\r\nLocation: http://api.test/v2/c\r\nContent-Length: 0\r\n\r\n");
    t.sees({"1: 302 location: http://good.test/c content-length: 0", "1: end"});
}

TEST_CASE(
    "a parent proxy gets a stream's request in absolute form and with a Via that ends with whytls (RFC 9112 §3.2.2)") {
    Http2Transcript t({.parent = true});
    t.asks("GET", "/a", {{"via", "1.0 fred"}});
    const std::string head = t.server_sees_head();
    CHECK(head.starts_with("GET http://good.test/a HTTP/1.1\r\n"));
    CHECK(head.contains("\r\nvia: 1.0 fred\r\n"));
    CHECK(head.ends_with(fmt::format(" {}\r\n\r\n", t.pseudonym())));
    t.server(ok(""));
    t.sees({"1: 200 content-length: 0", "1: end"});
}

TEST_CASE("a server's challenge of a proxy's does not pass on a stream (RFC 9110 §15.5.8)") {
    answered("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
             {"1: 407 content-length: 0", "1: end"});
}
