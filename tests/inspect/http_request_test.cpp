#include <string>
#include <vector>

#include "inspect/http/http1/parser.h"
#include "tests/inspect/http_transcript.h"
#include "tests/support/catch.h"

using namespace inspect::http;
using http_transcript::play_every_way;
using Events = std::vector<std::string>;

namespace {
Events requests(std::string_view input, Limits limits = {}) {
    return play_every_way(true, input, "GET", limits).events;
}
}  // namespace

TEST_CASE("a request keeps its method, target, field names and field order") {
    const auto played = play_every_way(
        true, "GET /a?b=%20|{} HTTP/1.1\r\nhOsT: example.com\r\nX-B:\t two \t\r\nX-A: \r\nX-B: 3\r\n\r\n");
    CHECK(played.events ==
          Events{"GET /a?b=%20|{} HTTP/1.1\r\nhOsT: example.com\r\nX-B: two\r\nX-A: \r\nX-B: 3\r\n\r\nkeeps alive",
                 "end 0", "closed"});
}

TEST_CASE("requests follow one another on a connection, with and without bodies") {
    const auto played = play_every_way(
        true,
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        "PUT /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=\"x\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: u\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(played.events == Events{"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nkeeps alive, body",
                                  "body hello", "end 5",
                                  "PUT /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nkeeps alive, body",
                                  "body 3;ext=\"x\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: u\r\n\r\n", "end 13",
                                  "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\ncloses", "end 0", "closed"});
}

TEST_CASE("a method that nobody registered is a method") {
    CHECK(requests("QUERY-2 / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok").at(1) == "body ok");
}

TEST_CASE("the bytes behind a CONNECT's blank line are the tunnel's") {
    Parser parser = Parser::requests();
    const std::string head = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nContent-Length: 0\r\n\r\n";
    const std::string input = head + "\x16\x03\x01";
    CHECK(parser.step(certs::as_bytes(input)) == Step{Event::head, head.size()});
    CHECK(parser.request().method == "CONNECT");
    CHECK(parser.request().target == "example.com:443");
    CHECK_FALSE(parser.has_body());
    CHECK(parser.step(certs::as_bytes(input).subspan(head.size())) == Step{Event::end, 0});
}

TEST_CASE("an upgrade request with a body has that body") {
    CHECK(requests(
              "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nokGET / "
              "HTTP/1.1\r\nHost: a\r\n\r\n")
              .size() == 6);
}

TEST_CASE("two empty lines before a request are overlooked, a third is not") {
    CHECK(requests("\r\n\r\nGET / HTTP/1.0\r\n\r\n") == Events{"GET / HTTP/1.0\r\n\r\ncloses", "end 0", "closed"});
    CHECK(requests("\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n") == Events{"failed bad_start_line"});
    CHECK(requests("\r\n") == Events{"closed"});
}

TEST_CASE("HTTP/1.0 stays open only when asked to") {
    CHECK(requests("GET / HTTP/1.0\r\nConnection: foo, Keep-Alive\r\n\r\n").at(0).ends_with("keeps alive"));
    CHECK(requests("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").at(0).ends_with("closes"));
    CHECK(requests("GET / HTTP/1.0\r\n\r\n").at(0).ends_with("closes"));
}

TEST_CASE("a body of 64 KiB is one step") {
    Parser parser = Parser::requests();
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", body(65'536, 'x');
    REQUIRE(parser.step(certs::as_bytes(head)) == Step{Event::head, head.size()});
    CHECK(parser.content_length() == 65'537u);
    CHECK(parser.step(certs::as_bytes(body)) == Step{Event::body, body.size()});
    CHECK_FALSE(parser.between_messages());
    CHECK(parser.step(certs::as_bytes("y")) == Step{Event::end, 1});
    CHECK(parser.body_bytes() == 65'537u);
    CHECK(parser.between_messages());
}

TEST_CASE("a chunked body of many chunks is one step") {
    Parser parser = Parser::requests();
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
    std::string body;
    for (int i = 0; i < 1000; ++i) body += "2\r\nab\r\n";
    body += "000\r\n\r\n";
    REQUIRE(parser.step(certs::as_bytes(head)) == Step{Event::head, head.size()});
    CHECK(parser.step(certs::as_bytes(body)) == Step{Event::end, body.size()});
    CHECK(parser.body_bytes() == 2000u);
    CHECK_FALSE(parser.content_length());
}

TEST_CASE("a connection that ends between requests is no error, one that ends inside a request is") {
    CHECK(requests("") == Events{"closed"});
    CHECK(requests("G") == Events{"failed truncated"});
    CHECK(requests("GET / HTTP/1.1\r\nHost: a\r\n") == Events{"failed truncated"});
    CHECK(requests("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell").back() == "failed truncated");
    CHECK(requests("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n").back() ==
          "failed truncated");
}

TEST_CASE("a head may be as large as its limit and no larger") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: 4567\r\n\r\n";
    CHECK(requests(head, {.head = head.size()}).back() == "closed");
    CHECK(requests(head, {.head = head.size() - 1}) == Events{"failed head_too_large"});
    CHECK(http_transcript::play(true, {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70'000, 'x')}).events ==
          Events{"failed head_too_large"});
}

TEST_CASE("trailers may be as large as their limit and no larger") {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    CHECK(requests(head + "A: b\r\n\r\n", {.trailers = 8}).back() == "closed");
    CHECK(requests(head + "A: bc\r\n\r\n", {.trailers = 8}).back() == "failed head_too_large");
}

TEST_CASE("what is no HTTP request is told from its first bytes") {
    CHECK(requests("\x16\x03\x01\x02") == Events{"failed not_http"});
    CHECK(requests("{\"a\":1}") == Events{"failed not_http"});
    CHECK(requests(" GET / HTTP/1.1\r\n") == Events{"failed not_http"});
    CHECK(requests("\rGET") == Events{"failed not_http"});
    CHECK(requests("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n") == Events{"failed not_http"});
    CHECK(requests("GET /\r\n") == Events{"failed not_http"});
}

TEST_CASE("only HTTP/1.0 and HTTP/1.1 are spoken") {
    for (const std::string line : {"PRI * HTTP/2.0", "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9"})
        CHECK(requests(line + "\r\nHost: a\r\n\r\n") == Events{"failed unsupported_version"});
}
