#include <fmt/format.h>

#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

// A response that passes unchanged, over connections that are used again.
void passes_whole(const std::string& asked, const std::string& response) {
    Transcript t;
    INFO(response);
    t.client(asked);
    t.server_sees(relayed(asked));
    t.server(response);
    t.client_sees(response);
    t.serves();
    CHECK(t.server_connections() == 1);
}

constexpr std::string_view chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("chunks of a response pass exactly, extensions and trailers included (RFC 9112 §7.1)") {
    passes_whole(get(), std::string(chunked) + "3;x=y\r\nabc\r\n02;q=\"a b\"\r\nde\r\n0;last\r\nC: d\r\n\r\n");
}

TEST_CASE("chunks of a request pass exactly, extensions and trailers included (RFC 9112 §7.1)") {
    Transcript t;
    const std::string sent = post("Transfer-Encoding: chunked\r\n", "4;q\r\nwxyz\r\n0\r\nA: b\r\n\r\n");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.serves();
}

TEST_CASE("chunks that come a byte at a time pass exactly") {
    Transcript t;
    const std::string sent = post("Transfer-Encoding: chunked\r\n", "4;q\r\nwxyz\r\n0\r\nA: b\r\n\r\n");
    t.client_trickles(sent);
    t.server_sees(relayed(sent));
    t.server_trickles(std::string(chunked) + "3;x\r\nabc\r\n0\r\nC: d\r\n\r\n");
    t.client_sees(std::string(chunked) + "3;x\r\nabc\r\n0\r\nC: d\r\n\r\n");
    t.serves();
}

TEST_CASE("a response to HEAD has no body, whatever its fields say (RFC 9112 §6.3)") {
    passes_whole(request("HEAD"), "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    passes_whole(request("HEAD"), std::string(chunked));
}

TEST_CASE("a 204 and a 304 have no body, whatever their fields say (RFC 9112 §6.3)") {
    passes_whole(get(), "HTTP/1.1 204 No Content\r\n\r\n");
    passes_whole(get(), "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"x\"\r\n\r\n");
}

TEST_CASE("a body after a response to HEAD does not answer the next request (RFC 9110 §9.3.2)") {
    Transcript t;
    t.client(request("HEAD"));
    t.server_sees(relayed(request("HEAD")));
    t.server(ok("poison"));
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
    t.server_sees_end();
    t.client(get("/2"));
    t.server_accepts();
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees(ok("second"));
}

TEST_CASE("a response with both lengths loses its Content-Length: the coding decides (RFC 9112 §6.3)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
    t.client_sees(std::string(chunked) + "5\r\nabcde\r\n0\r\n\r\n");
}

TEST_CASE("a body until close arrives whole, and ends the client's connection, which says so (RFC 9112 §6.3)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\n\r\nall of");
    t.client_sees("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of");
    t.server(" it");
    t.server_ends();
    t.client_sees(" it");
    t.client_sees_end();
    CHECK(t.logged("response_bytes") == "9");
    CHECK(t.logged("code").empty());
}

TEST_CASE("a body until close of an HTTP/1.0 server may be empty") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.0 200 OK\r\n\r\n");
    t.server_ends();
    t.client_sees("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n");
    t.client_sees_end();
}

TEST_CASE("an HTTP/1.0 client gets chunks as a body that its connection ends (RFC 9112 §6.1)") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: C\r\n\r\n3;x=y\r\nabc\r\n");
    t.client_sees("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
    t.server("2\r\nde\r\n0\r\nC: d\r\n\r\n");
    t.client_sees("de");
    t.client_sees_end();
}

TEST_CASE("an HTTP/1.0 client gets a Trailer field as it is where nothing is unframed") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\n\r\n");
    t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server("HTTP/1.1 200 OK\r\nTrailer: C\r\nContent-Length: 2\r\n\r\nok");
    t.client_sees("HTTP/1.1 200 OK\r\nTrailer: C\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    t.client_sees_end();
}

TEST_CASE("a body that is shorter than its Content-Length cuts the client's connection (RFC 9112 §8)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    t.server_ends();
    t.client_sees_reset();
    CHECK(t.logged("code") == "upstream_closed");
    CHECK(t.logged("status") == "200");
    CHECK(t.stderr_text().contains(
        "closed the connection in the middle of a response, after 4 of 1000 bytes of its body; the client got the beginning, so its "
        "connection was reset [upstream_closed]"));
}

TEST_CASE("chunks without the last one cut the client's connection (RFC 9112 §8)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(std::string(chunked) + "4\r\nhalf\r\n");
    t.client_sees(std::string(chunked) + "4\r\nhalf\r\n");
    t.server_ends();
    t.client_sees_reset();
    CHECK(t.logged("code") == "upstream_closed");
    CHECK(t.stderr_text().contains("in the middle of a response, after 4 bytes of its body; the client"));
}

TEST_CASE("a response that the client leaves is no fault of the server") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    t.client_resets();
    t.server_sees_end();
    CHECK(t.logged("code").empty());
    CHECK_FALSE(t.stderr_text().contains("upstream_closed"));
}

TEST_CASE("a chunked response to an HTTP/1.0 client that breaks off is cut too: its end would look whole") {
    Transcript t;
    t.client("GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\n\r\n");
    t.server_sees("GET / HTTP/1.0\r\nHost: good.test\r\nConnection: keep-alive\r\n\r\n");
    t.server(std::string(chunked) + "4\r\nhalf\r\n");
    t.client_sees("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf");
    t.server_resets();
    t.client_sees_reset();
}

TEST_CASE("a chunk that is none cuts the client's connection once the response has begun (RFC 9112 §7.1)") {
    for (const std::string_view wrong : {"5 5\r\nabcde\r\n", " 5\r\nabcde\r\n", "5\nabcde\r\n", "5 \nabcde\r\n",
                                         "xyz\r\n", "0\r\nno field\r\n\r\n", "-1\r\n"}) {
        Transcript t;
        INFO(wrong);
        t.client(get());
        t.server_sees(relayed(get()));
        t.server(std::string(chunked) + "3\r\nabc\r\n");
        t.client_sees(std::string(chunked) + "3\r\nabc\r\n");
        t.server(wrong);
        CHECK_FALSE(t.client_sees_until_reset().ends_with("\r\n\r\n"));
        t.server_sees_end();
        CHECK(t.logged("code") == "upstream_http_error");
        CHECK(t.stderr_text().contains("is not valid HTTP: "));
        CHECK(t.stderr_text().contains(
            "; the client got the beginning, so its connection was reset [upstream_http_error]"));
    }
}

TEST_CASE("white space behind a chunk's size, which RFC 9112 §7.1.1 has before extensions alone, passes as it came") {
    for (const std::string_view size : {"5 \r\n", "5\t \r\n", "5 ;x=y\r\n", "5 ; x = y\r\n"}) {
        Transcript t;
        INFO(size);
        t.client(get());
        t.server_sees(relayed(get()));
        const std::string response = std::string(chunked) + std::string(size) + "abcde\r\n0 \r\n\r\n";
        t.server(response);
        t.client_sees(response);
    }
}

TEST_CASE("a trailer that may only stand in a head is left out of a response, others pass (RFC 9110 §6.5.1)") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(std::string(chunked) + "3\r\nabc\r\n0\r\nContent-Length: 1\r\nX-Sum: 6\r\n\r\n");
    t.client_sees(std::string(chunked) + "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
}

TEST_CASE("a response that trickles arrives as it comes: nothing waits for the rest") {
    Transcript t;
    t.client(get());
    t.server_sees(relayed(get()));
    t.server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    t.client_sees("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    for (const std::string_view piece : {"a", "b", "c"}) {
        t.server(piece);
        t.client_sees(piece);
    }
    t.serves();
}

TEST_CASE("a body of megabytes passes whole, both ways") {
    Transcript t;
    const std::string body(3'000'000, 'x'), sent = post(fmt::format("Content-Length: {}\r\n", body.size()), body);
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server(ok(body));
    t.client_sees(ok(body));
    t.serves();
}

TEST_CASE("a GET with a body is framed as any request (RFC 9110 §9.3.1)") {
    Transcript t;
    const std::string sent = request("GET", "Content-Length: 5\r\n", "GET /");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.serves();
}

TEST_CASE("what follows a body is the next request, and nothing of it goes with the body (RFC 9112 §6.3)") {
    Transcript t;
    const std::string sent = post("Content-Length: 2\r\n", "hi");
    t.client(sent + get("/2"));
    t.server_sees(relayed(sent));
    t.server_sees_nothing();
    t.server(ok("first"));
    t.client_sees(ok("first"));
    t.server_sees(relayed(get("/2")));
    t.server(ok("second"));
    t.client_sees(ok("second"));
}

TEST_CASE("a response before the request's end leaves both connections in order when the rest comes (RFC 9112 §9.3)") {
    Transcript t;
    const std::string head = post("Content-Length: 1000000\r\n"), body(1'000'000, 'x');
    t.client(head);
    t.server_sees(relayed(head));
    t.server(ok("early"));
    t.client_sees(ok("early"));
    t.client(body);
    t.server_sees(body);
    t.serves();
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a 413 with Connection: close before the request's end reaches the client (RFC 9110 §15.5.14)") {
    Transcript t;
    const std::string head = post("Content-Length: 1000\r\n");
    t.client(head + "begin");
    t.server_sees(relayed(head) + "begin");
    t.server("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    t.server_ends();
    t.client_sees("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    t.client_sees_end();
    t.server_sees_end();
}
