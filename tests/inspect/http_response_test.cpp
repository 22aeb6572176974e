#include <string>
#include <vector>

#include "inspect/http/http1/chunked.h"
#include "inspect/http/http1/parser.h"
#include "tests/inspect/http_transcript.h"
#include "tests/support/catch.h"

using namespace inspect::http;
using http_transcript::play_every_way;
using Events = std::vector<std::string>;

namespace {
Events responses(std::string_view input, std::string_view method = "GET") {
    return play_every_way(false, input, method).events;
}
}  // namespace

TEST_CASE("a response with a length ends there, and the next follows") {
    CHECK(responses(
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 Not  Found\r\nContent-Length: 0\r\n\r\n") ==
          Events{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nkeeps alive, body", "body ok", "end 2",
                 "HTTP/1.1 404 Not  Found\r\nContent-Length: 0\r\n\r\nkeeps alive", "end 0", "closed"});
}

TEST_CASE("a response with neither length nor chunks lasts until close, and closes") {
    CHECK(responses("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nHTTP/1.1 is text here") ==
          Events{"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\ncloses, body until close",
                 "body HTTP/1.1 is text here", "end 21"});
    CHECK(responses("HTTP/1.0 200 OK\r\n\r\n") == Events{"HTTP/1.0 200 OK\r\n\r\ncloses, body until close", "end 0"});
}

TEST_CASE("a chunked response ends with its trailers") {
    CHECK(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\nx\r\n0;c\r\nA: b\r\nC: d\r\n\r\n")
              .at(1) == "body 1;a=b\r\nx\r\n0;c\r\nA: b\r\nC: d\r\n\r\n");
}

TEST_CASE("the data of a chunked body comes without its framing, and nothing is read beyond a body that is not one") {
    const auto data = [](std::string_view body) {
        return std::string(certs::as_text(without_chunks(certs::as_bytes(body))));
    };
    CHECK(data("3;a=b\r\nx\ry\r\nA\r\n0123456789\r\n0\r\nA: b\r\n\r\n") == "x\ry0123456789");
    CHECK(data("0\r\n\r\n").empty());
    CHECK(data("").empty());
    CHECK(data("ffffffffffffffff\r\nx").empty());
    CHECK(data("5\r\nhel").empty());
    CHECK(data("5").empty());
}

TEST_CASE("interim responses are messages of their own before the final one") {
    CHECK(
        responses(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") ==
        Events{"HTTP/1.1 100 Continue\r\n\r\nkeeps alive", "end 0",
               "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nkeeps alive", "end 0",
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nkeeps alive, body", "body x", "end 1", "closed"});
}

TEST_CASE("what answers HEAD, and 204 and 304, have no body whatever their fields say") {
    for (const std::string field : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
        CHECK(responses("HTTP/1.1 200 OK\r\n" + field + "\r\n", "HEAD").at(1) == "end 0");
        CHECK(responses("HTTP/1.1 204 No Content\r\n" + field + "\r\n").at(1) == "end 0");
        CHECK(responses("HTTP/1.1 304 Not Modified\r\n" + field + "\r\n").at(1) == "end 0");
        CHECK(responses("HTTP/1.1 200 Connection established\r\n" + field + "\r\n", "CONNECT").at(1) == "end 0");
    }
    CHECK(responses("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno", "CONNECT").at(1) == "body no");
}

TEST_CASE("what was asked holds for interim responses and until something else is asked") {
    Parser parser = Parser::responses();
    parser.expect_response_to("HEAD");
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    REQUIRE(parser.step(certs::as_bytes(head)).event == Event::head);
    CHECK(parser.step({}) == Step{Event::end, 0});
    parser.expect_response_to("GET");
    REQUIRE(parser.step(certs::as_bytes(head)).event == Event::head);
    CHECK(parser.step(certs::as_bytes("hello")) == Step{Event::end, 5});
}

TEST_CASE("a 101 ends HTTP on the connection") {
    Parser parser = Parser::responses();
    const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    CHECK(parser.step(certs::as_bytes(head + "\x81\x02hi")) == Step{Event::head, head.size()});
    CHECK(parser.switches_protocol());
    CHECK(parser.step({}) == Step{Event::end, 0});
}

TEST_CASE("a reason may be empty, absent or any text") {
    CHECK(responses("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").size() == 3);
    CHECK(responses("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").size() == 3);
    CHECK(responses("HTTP/1.1 200 \xc3\xa4 \tb\r\nContent-Length: 0\r\n\r\n")
              .at(0)
              .starts_with("HTTP/1.1 200 \xc3\xa4 \tb\r\n"));
}

TEST_CASE("a field of a response that is folded over several lines is one line, each byte of the fold a space") {
    CHECK(responses("HTTP/1.1 200 OK\r\nA: b \t\r\n\t c\r\n d\r\nContent-Length:\r\n 0\r\nE: f\r\n \r\n\r\n").at(0) ==
          "HTTP/1.1 200 OK\r\nA: b      c   d\r\nContent-Length: 0\r\nE: f\r\n\r\nkeeps alive");
}

TEST_CASE("white space before a field's colon is taken out of a response and refused in a request (RFC 9112 5.1)") {
    CHECK(responses("HTTP/1.1 200 OK\r\nA \t : b\r\nContent-Length : 0\r\nC\t:d : e\r\nD :\r\n f\r\n\r\n").at(0) ==
          "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\nC: d : e\r\nD: f\r\n\r\nkeeps alive");
    CHECK(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked, x\r\n\r\n").back() == "failed ambiguous_length");
    for (const std::string line : {"A b : c", "A\x0b: c", "A ", ": c", "A\"x : c"})
        CHECK(responses("HTTP/1.1 200 OK\r\nB: c\r\n" + line + "\r\nContent-Length: 0\r\n\r\n").back() ==
              "failed bad_field");
}

TEST_CASE("a length that a response repeats without changing it is said once (RFC 9110 8.6)") {
    for (const std::string lines :
         {"Content-Length: 3\r\nA: b\r\ncontent-length: 3", "Content-Length: 3, 3\r\nA: b",
          "Content-Length:3 ,3,\t3\r\nA: b", "Content-Length : 3\r\nA: b\r\nContent-Length: 3, 3"})
        CHECK(responses("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\nabc").at(0) ==
              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nkeeps alive, body");
    for (const std::string lines :
         {"Content-Length: 3, 4", "Content-Length: 3,", "Content-Length: ,3", "Content-Length: 3, 03",
          "Content-Length: 3, +3", "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3\r\nContent-Length:"})
        CHECK(responses("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\nabc").back() == "failed ambiguous_length");
}

TEST_CASE("the length of a chunked response is taken out of its head, and the connection ends with it (RFC 9112 6.3)") {
    const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
    for (const std::string lines :
         {"Content-Length: 1\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\ncontent-length: 1",
          "Content-Length: 1\r\nTransfer-Encoding: chunked\r\nContent-Length : 1",
          "Content-Length: 1, 1\r\nTransfer-Encoding: chunked"}) {
        const auto played = responses("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\n" + chunks);
        INFO(lines);
        CHECK(played.at(0) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncloses, body");
        CHECK(played.at(1) == "body " + chunks);
    }
    CHECK(responses("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD").at(0) ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncloses");
}

TEST_CASE("two lengths of a response that do not agree, or a coding that is none, are refused beside each other too") {
    for (const std::string lines :
         {"Content-Length: 3\r\nContent-Length: 4\r\nTransfer-Encoding: chunked",
          "Content-Length: -3\r\nTransfer-Encoding: chunked", "Content-Length: 3\r\nTransfer-Encoding: gzip",
          "Content-Length: 3\r\nTransfer-Encoding: chunked, gzip",
          "Content-Length: 3, 3\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"})
        CHECK(responses("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\nabc").back() == "failed ambiguous_length");
    CHECK(responses("HTTP/1.0 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc").back() ==
          "failed ambiguous_length");
    CHECK(responses("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nhey").back() ==
          "failed bad_chunk");
}

TEST_CASE("chunked that is said more than once, or beside identity, is said once, and the connection ends with it") {
    const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
    for (const std::string lines :
         {"Transfer-Encoding: chunked\r\ntransfer-encoding: Chunked", "Transfer-Encoding: chunked, chunked",
          "Transfer-Encoding: identity, chunked", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
          "Content-Length: 3\r\nTransfer-Encoding:chunked,chunked"}) {
        INFO(lines);
        const auto played = responses("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\n" + chunks);
        CHECK(played.at(0) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncloses, body");
        CHECK(played.at(1) == "body " + chunks);
    }
    for (const std::string value :
         {"chunked, identity", ", chunked", "chunked,", "chunked, , chunked", "chunked\r\nTransfer-Encoding: identity",
          "gzip\r\nTransfer-Encoding: chunked", "x"})
        CHECK(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + value + "\r\n\r\n" + chunks).back() ==
              "failed ambiguous_length");
}

TEST_CASE("identity is no coding: the length counts, else the end of the connection (RFC 2616 4.4)") {
    for (const std::string value : {"identity", "Identity, identity", "", "identity\r\nTransfer-Encoding:"}) {
        const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + value + "\r\nA: b\r\n";
        CHECK(
            responses(head + "Content-Length: 3\r\n\r\nabc") ==
            Events{"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\ncloses, body", "body abc", "end 3", "closed"});
        CHECK(responses(head + "\r\nabc") ==
              Events{"HTTP/1.1 200 OK\r\nA: b\r\n\r\ncloses, body until close", "body abc", "end 3"});
    }
}

TEST_CASE(
    "a response whose codings tell no end is read until the connection ends, and its head says so (RFC 9112 6.3)") {
    for (const std::string value : {"gzip", "GZip", "deflate, gzip"}) {
        const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + value + "\r\n\r\n";
        CHECK(responses(head + "abc") == Events{head + "closes, body until close", "body abc", "end 3"});
    }
    CHECK(responses("HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc").back() == "failed ambiguous_length");
}

TEST_CASE("chunks in HTTP/1.0 are read as chunks, in HTTP/1.1, and the connection ends with them (RFC 9112 6.1)") {
    const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
    CHECK(responses("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks).at(0) ==
          "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\ncloses, body");
}

TEST_CASE("white space around a value is none of its, tabs too (RFC 9112 5)") {
    CHECK(
        responses("HTTP/1.1 200 OK\r\nContent-Length:\t3\t \t\r\nA: b\t\r\n\r\nabc") ==
        Events{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nkeeps alive, body", "body abc", "end 3", "closed"});
    const auto request = play_every_way(true, "POST / HTTP/1.1\r\nHost: a\t\r\nContent-Length: 2\t\r\n\r\nok").events;
    CHECK(std::ranges::find(request, "end 2") != request.end());
}

TEST_CASE("a line of a response may end in LF alone, of a request it may not (RFC 9112 2.2)") {
    for (const std::string head :
         {"HTTP/1.1 200 OK\nA: b\nContent-Length: 3\n\n", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 3\r\n\r\n",
          "HTTP/1.1 200 OK\nA: b\r\nContent-Length: 3\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\n"})
        CHECK(responses(head + "abc") == Events{"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\ncloses, body",
                                                "body abc", "end 3", "closed"});
    CHECK(responses("HTTP/1.1 200 OK\nA: b\n c\nD : e\n\n").at(0) ==
          "HTTP/1.1 200 OK\r\nA: b   c\r\nD: e\r\n\r\ncloses, body until close");
    CHECK(responses("HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n").back() == "failed bad_field");
    CHECK(responses("HTTP/1.1 200 OK\n\r\n").size() == 2);
    CHECK(play_every_way(true, "GET / HTTP/1.1\nHost: a\n\n").events == Events{"failed bad_start_line"});
    CHECK(responses("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n").back() == "failed bad_chunk");
}

namespace {

// For the last message of the input.
Mends mended(std::string_view input) {
    Parser parser = Parser::responses();
    Step step;
    do {
        step = parser.step(certs::as_bytes(input));
        input.remove_prefix(step.used);
    } while (step.event != Event::failed && (!input.empty() || step.event == Event::head));
    return parser.mended();
}

}  // namespace

TEST_CASE("what was mended in a response is known, and of one that needed nothing there is nothing") {
    const std::string ok = "HTTP/1.1 200 OK\r\n", length = "Content-Length: 3\r\n",
                      chunked = "Transfer-Encoding: chunked\r\n";
    const std::string abc = "\r\nabc", chunks = "\r\n3\r\nabc\r\n0\r\n";
    CHECK(mended(ok + length + abc).empty());
    CHECK(mended(ok + chunked + chunks + "A: b\r\n\r\n").empty());
    CHECK(mended(ok + "Transfer-Encoding: gzip, chunked\r\n" + chunks + "\r\n").empty());
    CHECK(mended("HTTP/1.1 200 OK\n" + length + abc) == Mends{Mend::line_feeds});
    CHECK(mended(ok + "A : b\r\nC : d\r\n" + length + abc) == Mends{Mend::blank_before_colon});
    CHECK(mended(ok + "A: b\r\n c\r\n" + length + abc) == Mends{Mend::folded_field});
    CHECK(mended(ok + length + length + abc) == Mends{Mend::repeated_length});
    CHECK(mended(ok + length + chunked + chunks + "\r\n") == Mends{Mend::length_beside_chunked});
    CHECK(mended(ok + chunked + chunked + chunks + "\r\n") == Mends{Mend::repeated_chunked});
    CHECK(mended(ok + "Transfer-Encoding: identity\r\n" + length + length + abc) ==
          Mends{Mend::identity_coding, Mend::repeated_length});
    CHECK(mended("HTTP/1.0 200 OK\r\n" + chunked + chunks + "\r\n") == Mends{Mend::coding_in_1_0});
    CHECK(mended(ok + chunked + chunks + "Host: x\r\n\r\n") == Mends{Mend::field_in_trailers});
    CHECK(mended(ok + length + length + abc + ok + length + abc).empty());
}

TEST_CASE(
    "of a response's trailers those that frame it, route it or are about the connection are left out, the others are exact") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", body = "3;x\r\nabc\r\n00\r\n";
    const std::string kept = "X-Sum:1\r\nServer-Timing: a;dur=1 \r\nProxy-Status: other; error=x\r\n";
    for (const std::string line :
         {"Content-Length: 3", "transfer-encoding: chunked", "HOST: x", "Connection: close", "Keep-Alive: timeout=5",
          "Proxy-Connection: close", "TE: trailers", "Upgrade: x", "Proxy-Authenticate: Basic",
          "Proxy-Authorization: x", "Trailer: X", "Proxy-Status: whytls; error=http_protocol_error"}) {
        INFO(line);
        for (const std::string& trailers :
             {line + "\r\n" + kept, kept + line + "\r\n", kept + line + "\r\n" + line + "\r\n"})
            CHECK(responses(head + body + trailers + "\r\n").at(1) == "body " + body + kept + "\r\n");
        CHECK(responses(head + body + line + "\r\n\r\nHTTP/1.1 204 N\r\n\r\n").size() == 6);
    }
    CHECK(responses(head + body + kept + "\r\n").at(1) == "body " + body + kept + "\r\n");
}

TEST_CASE(
    "of a request's trailers those about the connection are left out, and those that frame or route it are refused") {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    CHECK(play_every_way(true, head + "A: b\r\nConnection: close\r\nProxy-Authorization: x\r\nC: d\r\n\r\n")
              .events.at(1) == "body 0\r\nA: b\r\nC: d\r\n\r\n");
    for (const std::string line : {"Content-Length: 3", "Transfer-Encoding: chunked", "Host: b"}) {
        const auto played = play_every_way(true, head + "A: b\r\n" + line + "\r\n\r\n");
        CHECK(played.events.back() == "failed ambiguous_length");
        CHECK(played.passed == "0\r\n");
    }
}

TEST_CASE("a head of folds without end is refused before it costs much") {
    std::string folds = "HTTP/1.1 200 OK\r\nA: b\r\n";
    for (int i = 0; i < 100; ++i) folds += " c\r\n";
    CHECK(responses(folds + "Content-Length: 0\r\n\r\n").back() != "failed bad_field");
    CHECK(responses(folds + " c\r\n\r\n").back() == "failed bad_field");
}

TEST_CASE("what is folded behind the status line, or is no field when it is unfolded, is refused") {
    CHECK(responses("HTTP/1.1 200 OK\r\n A: b\r\n\r\n").back() == "failed bad_field");
    CHECK(responses("HTTP/1.1 200 OK\r\nA\r\n : b\r\n\r\n").back() == "failed bad_field");
    CHECK(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n chunked\r\n\r\n").back() ==
          "failed ambiguous_length");
}

TEST_CASE("a response without fields is a response") {
    CHECK(responses("HTTP/1.1 204 No Content\r\n\r\n").size() == 3);
}

TEST_CASE("an unsound status line is refused") {
    for (const std::string line : {"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1  200 OK", "HTTP/1.1 099 OK",
                                   "HTTP/1.1 2x0 OK", "HTTP/1.1", "HTTP/1 200 OK"})
        CHECK(responses(line + "\r\n\r\n") == Events{"failed bad_start_line"});
    CHECK(responses("HTTP/2.0 200 OK\r\n\r\n") == Events{"failed unsupported_version"});
}

TEST_CASE("what is no HTTP response is told from its first bytes") {
    for (const std::string_view text : {"SSH-2.0-OpenSSH", "220 mail.example.com ESMTP", "<html>", "ICY 200 OK",
                                        "\x15\x03\x01", "\r\nHTTP/1.1 200 OK", "HTTQ", "http/1.1"})
        CHECK(responses(text) == Events{"failed not_http"});
    CHECK(responses("HTTP") == Events{"failed truncated"});
}

TEST_CASE("a response cut short is told from one that ended") {
    CHECK(responses("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell").back() == "failed truncated");
    CHECK(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").back() ==
          "failed truncated");
    CHECK(responses("HTTP/1.1 200 OK\r\nContent-Len").back() == "failed truncated");
}

TEST_CASE("a failed parser stays failed") {
    Parser parser = Parser::responses();
    CHECK(parser.step(certs::as_bytes("x")) == Step{Event::failed, 0});
    CHECK(parser.step(certs::as_bytes("HTTP/1.1 200 OK\r\n\r\n")) == Step{Event::failed, 0});
    CHECK(parser.finish().event == Event::failed);
    CHECK(parser.error() == MessageError::not_http);
}
