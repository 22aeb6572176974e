// Requests of HTTP/2 that would be another request, or two, once they are written as HTTP/1: each
// is malformed (RFC 9113 §8.1.1, §10.3), and none gets out of a session. From what is publicly
// known of downgrade attacks, and from what HTTP/1's smuggling table has.
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http2/translate.h"
#include "tests/inspect/http2_frames.h"
#include "tests/support/catch.h"

using namespace http2_frames;
using inspect::http2::HeaderList;
using inspect::http2::Options;
using inspect::http2::Session;

namespace {

struct Attempt {
    std::string_view what;
    Lines lines;
    std::string_view malformed;
};

HeaderList list_of(const Lines& lines) {
    HeaderList list;
    for (const auto& [name, value] : lines) list.add(name, value);
    return list;
}

// GET https://a/ with one of its pseudo-header fields replaced.
Lines with(std::string_view name, std::string_view value) {
    Lines lines = get();
    for (auto& line : lines)
        if (line.first == name) line.second = value;
    return lines;
}

Lines without(std::string_view name) {
    Lines lines = get();
    std::erase_if(lines, [&](const auto& line) { return line.first == name; });
    return lines;
}

std::string nul(std::string text) {
    for (char& c : text)
        if (c == '@') c = '\0';
    return text;
}

// The reader of heads finds that fault in it; a session resets its stream and reports nothing else
// of it.
void check_refused(const Attempt& attempt) {
    INFO(attempt.what);
    const auto read = read_request(list_of(attempt.lines));
    REQUIRE(!read);
    CHECK(name(read.error()) == attempt.malformed);
    Options options;
    options.connect_protocol = true;
    for (const int flags : {end_headers | end_stream, int(end_headers)}) {
        auto session = Session::server(options);
        std::string output;
        const auto events =
            play(session, std::string(magic) + settings() + headers(1, attempt.lines, flags), 0, output);
        REQUIRE(events.size() == 2);
        CHECK(events[1] == "reset 1 PROTOCOL_ERROR by us");
        CHECK(frames_in(output).back() == "RST_STREAM 1 PROTOCOL_ERROR");
    }
}

std::vector<Attempt> in_pseudo_headers() {
    return {
        {"CR LF in :method", with(":method", "GET / HTTP/1.1\r\nX: y"), "value"},
        {"a space in :method", with(":method", "GET /admin HTTP/1.1"), "method"},
        {"a tab in :method", with(":method", "GET\t/admin"), "method"},
        {"an empty :method", with(":method", ""), "method"},
        {"NUL in :method", with(":method", nul("GET@")), "value"},
        {"a colon in :method", with(":method", "GET:"), "method"},
        {"a request line in :method", with(":method", "GET /x HTTP/1.1\r\nHost: b\r\n\r\nGET"), "value"},
        {"a space in :path", with(":path", "/a HTTP/1.1"), "path"},
        {"CR LF in :path", with(":path", "/a HTTP/1.1\r\nX: y"), "value"},
        {"a second request in :path", with(":path", "/ HTTP/1.1\r\nHost: a\r\n\r\nGET /b"), "value"},
        {"a bare LF in :path", with(":path", "/a\nb"), "value"},
        {"a bare CR in :path", with(":path", "/a\rb"), "value"},
        {"NUL in :path", with(":path", nul("/a@b")), "value"},
        {"a tab in :path", with(":path", "/a\tb"), "path"},
        {"DEL in :path", with(":path", "/a\x7f"), "value"},
        {"an empty :path", with(":path", ""), "path"},
        {"a :path that does not begin with a slash", with(":path", "admin"), "path"},
        {"a :path that is an absolute URI", with(":path", "http://b/"), "path"},
        {"a :path that is another authority", with(":path", "@b/"), "path"},
        {"a :path of a query only", with(":path", "?a"), "path"},
        {"a fragment in :path", with(":path", "/a#b"), "path"},
        {"an asterisk for GET", with(":path", "*"), "path"},
        {"UTF-8 that is none in :path", with(":path", "/\xc3("), "path"},
        {"a C1 control in :path", with(":path", "/\xc2\x85"), "path"},
        {"white space before :path", with(":path", " /a"), "value"},
        {"user information in :authority", with(":authority", "b@a"), "authority"},
        {"a password in :authority", with(":authority", "b:c@a"), "authority"},
        {"a path in :authority", with(":authority", "a/b"), "authority"},
        {"a query in :authority", with(":authority", "a?b"), "authority"},
        {"a fragment in :authority", with(":authority", "a#b"), "authority"},
        {"a space in :authority", with(":authority", "a b"), "authority"},
        {"CR LF in :authority", with(":authority", "a\r\nX: y"), "value"},
        {"NUL in :authority", with(":authority", nul("a@")), "value"},
        {"a port that is no number", with(":authority", "a:b"), "authority"},
        {"a port above 65535", with(":authority", "a:65536"), "authority"},
        {"a port with a sign", with(":authority", "a:+80"), "authority"},
        {"two ports", with(":authority", "a:80:80"), "authority"},
        {"text after the port", with(":authority", "a:80b"), "authority"},
        {"two authorities", with(":authority", "a,b"), "authority"},
        {"a backslash in :authority", with(":authority", "a\\b"), "authority"},
        {"a percent-encoded :authority", with(":authority", "a%2eb"), "authority"},
        {"an open bracket in :authority", with(":authority", "[::1"), "authority"},
        {"an empty :authority", with(":authority", ""), "authority"},
        {"a URI in :scheme", with(":scheme", "https://b/?"), "scheme"},
        {"CR LF in :scheme", with(":scheme", "https\r\nX: y"), "value"},
        {"a space in :scheme", with(":scheme", "https x"), "scheme"},
        {"an empty :scheme", with(":scheme", ""), "scheme"},
        {"a :scheme that begins with a digit", with(":scheme", "1https"), "scheme"},
        {"no :method", without(":method"), "missing_pseudo"},
        {"no :scheme", without(":scheme"), "missing_pseudo"},
        {"no :path", without(":path"), "missing_pseudo"},
        {"neither :authority nor Host", without(":authority"), "missing_pseudo"},
        {"two :method", get({{":method", "POST"}}), "doubled_pseudo"},
        {"two :path", get({{":path", "/b"}}), "doubled_pseudo"},
        {"two :authority", get({{":authority", "b"}}), "doubled_pseudo"},
        {"two :scheme", get({{":scheme", "http"}}), "doubled_pseudo"},
        {":status in a request", get({{":status", "200"}}), "unknown_pseudo"},
        {"an unknown pseudo-header field", get({{":host", "b"}}), "unknown_pseudo"},
        {"a pseudo-header field of an upper-case name", get({{":Path", "/b"}}), "unknown_pseudo"},
        {"a pseudo-header field without a name", get({{":", "b"}}), "unknown_pseudo"},
        {"a pseudo-header field with a space in its name", get({{":path ", "/b"}}), "unknown_pseudo"},
        {"a pseudo-header field after a field", get({{"x", "y"}, {":path", "/b"}}), "pseudo_after_field"},
        {"an unknown pseudo-header field after a field", get({{"x", "y"}, {":z", "/b"}}), "pseudo_after_field"},
    };
}

std::vector<Attempt> in_fields() {
    return {
        {"CR LF in a value", get({{"x", "y\r\nTransfer-Encoding: chunked"}}), "value"},
        {"a bare LF in a value", get({{"x", "y\nContent-Length: 5"}}), "value"},
        {"a bare CR in a value", get({{"x", "y\rContent-Length: 5"}}), "value"},
        {"a second request in a value", get({{"x", "y\r\n\r\nGET /b HTTP/1.1\r\nHost: b"}}), "value"},
        {"NUL in a value", get({{"x", nul("y@z")}}), "value"},
        {"DEL in a value", get({{"x", "y\x7f"}}), "value"},
        {"an escape in a value", get({{"x", "y\x1b[1m"}}), "value"},
        {"a folded value", get({{"x", "y\r\n z"}}), "value"},
        {"a space before a value", get({{"x", " y"}}), "value"},
        {"a tab after a value", get({{"x", "y\t"}}), "value"},
        {"a value of one space", get({{"x", " "}}), "value"},
        {"CR LF in a name", get({{"x: y\r\ntransfer-encoding", "chunked"}}), "name"},
        {"a colon in a name", get({{"transfer-encoding: chunked\r\nx", "y"}}), "name"},
        {"a name that ends in a colon", get({{"transfer-encoding:", "chunked"}}), "name"},
        {"a name that ends in a space", get({{"transfer-encoding ", "chunked"}}), "name"},
        {"a name that begins with a space", get({{" transfer-encoding", "chunked"}}), "name"},
        {"a name that begins with a tab", get({{"\ttransfer-encoding", "chunked"}}), "name"},
        {"a name with a space", get({{"content length", "5"}}), "name"},
        {"NUL in a name", get({{nul("content-length@"), "5"}}), "name"},
        {"a bare LF in a name", get({{"x\ny", "z"}}), "name"},
        {"an empty name", get({{"", "z"}}), "name"},
        {"an upper-case name", get({{"Transfer-Encoding", "chunked"}}), "name"},
        {"an upper-case letter in a name", get({{"content-lengtH", "5"}}), "name"},
        {"a name beyond ASCII", get({{"x\xc3\xa9", "5"}}), "name"},
        {"a long s, which some lower-case to s", get({{"ho\xc5\xbft", "b"}}), "name"},
        {"a bracket in a name", get({{"x(", "5"}}), "name"},
        {"Transfer-Encoding", get({{"transfer-encoding", "chunked"}}), "connection_specific"},
        {"Transfer-Encoding: identity", get({{"transfer-encoding", "identity"}}), "connection_specific"},
        {"an empty Transfer-Encoding", get({{"transfer-encoding", ""}}), "connection_specific"},
        {"Transfer-Encoding beside a length", post({{"content-length", "3"}, {"transfer-encoding", "chunked"}}),
         "connection_specific"},
        {"Connection", get({{"connection", "content-length"}}), "connection_specific"},
        {"Connection: close", get({{"connection", "close"}}), "connection_specific"},
        {"Keep-Alive", get({{"keep-alive", "timeout=5"}}), "connection_specific"},
        {"Proxy-Connection", get({{"proxy-connection", "keep-alive"}}), "connection_specific"},
        {"Upgrade", get({{"upgrade", "websocket"}}), "connection_specific"},
        {"TE other than trailers", get({{"te", "trailers, chunked"}}), "connection_specific"},
        {"TE: chunked", get({{"te", "chunked"}}), "connection_specific"},
        {"two lengths", post({{"content-length", "3"}, {"content-length", "4"}}), "content_length"},
        {"the same length twice", post({{"content-length", "3"}, {"content-length", "3"}}), "content_length"},
        {"a list of lengths", post({{"content-length", "3, 3"}}), "content_length"},
        {"an empty length", post({{"content-length", ""}}), "content_length"},
        {"a positive length", post({{"content-length", "+3"}}), "content_length"},
        {"a negative length", post({{"content-length", "-3"}}), "content_length"},
        {"a hexadecimal length", post({{"content-length", "0x3"}}), "content_length"},
        {"a length with a tail", post({{"content-length", "3 3"}}), "content_length"},
        {"a length with a fraction", post({{"content-length", "3.0"}}), "content_length"},
        {"a length beyond 63 bits", post({{"content-length", "9223372036854775808"}}), "content_length"},
        {"a length beyond 64 bits", post({{"content-length", "18446744073709551619"}}), "content_length"},
        {"Host that differs from :authority", get({{"host", "b"}}), "host"},
        {"Host with another port than :authority", get({{"host", "a:8443"}}), "host"},
        {"Host with user information", get({{"host", "b@a"}}), "host"},
        {"Host with a path", get({{"host", "a/b"}}), "host"},
        {"an empty Host beside :authority", get({{"host", ""}}), "host"},
        {"two Host fields", get({{"host", "a"}, {"host", "a"}}), "host"},
        {"a CR in Host", get({{"host", "a\r"}}), "value"},
    };
}

std::vector<Attempt> in_connects() {
    const auto connect = [](const Lines& more) {
        Lines lines{{":method", "CONNECT"}};
        lines.insert(lines.end(), more.begin(), more.end());
        return lines;
    };
    return {
        {"CONNECT without :authority", connect({}), "missing_pseudo"},
        {"CONNECT with Host only", connect({{"host", "a:443"}}), "missing_pseudo"},
        {"CONNECT with :path", connect({{":authority", "a:443"}, {":path", "/"}}), "missing_pseudo"},
        {"CONNECT with :scheme", connect({{":authority", "a:443"}, {":scheme", "https"}}), "missing_pseudo"},
        {"CONNECT without a port", connect({{":authority", "a"}}), "authority"},
        {"CONNECT to port 0", connect({{":authority", "a:0"}}), "authority"},
        {"CONNECT with a path in :authority", connect({{":authority", "a:443/b"}}), "authority"},
        {"CONNECT with CR LF in :authority", connect({{":authority", "a:443 HTTP/1.1\r\nX: y"}}), "value"},
        {"CONNECT with a length", connect({{":authority", "a:443"}, {"content-length", "3"}}), "content_length"},
        {":protocol with GET", get({{":protocol", "websocket"}}), "protocol"},
        {"a :protocol with a space",
         connect({{":protocol", "web socket"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}}), "protocol"},
        {"a :protocol with CR LF",
         connect({{":protocol", "w\r\nX: y"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}}), "value"},
        {"extended CONNECT without :path",
         connect({{":protocol", "websocket"}, {":scheme", "https"}, {":authority", "a"}}), "missing_pseudo"},
        {"extended CONNECT without :scheme", connect({{":protocol", "websocket"}, {":authority", "a"}, {":path", "/"}}),
         "missing_pseudo"},
        {"extended CONNECT without :authority",
         connect({{":protocol", "websocket"}, {":scheme", "https"}, {":path", "/"}, {"host", "a"}}), "missing_pseudo"},
    };
}

}  // namespace

TEST_CASE("a pseudo-header field that HTTP/1 would read otherwise makes a request malformed") {
    for (const Attempt& attempt : in_pseudo_headers()) check_refused(attempt);
}

TEST_CASE("a field that HTTP/1 would read otherwise makes a request malformed") {
    for (const Attempt& attempt : in_fields()) check_refused(attempt);
}

TEST_CASE("a CONNECT that HTTP/1 would read otherwise is malformed") {
    for (const Attempt& attempt : in_connects()) check_refused(attempt);
}

TEST_CASE("HTTP2-Settings is about a connection of HTTP/1, and refused by its reader alone") {
    const auto read = read_request(list_of(get({{"http2-settings", "AAMAAABk"}})));
    REQUIRE(!read);
    CHECK(name(read.error()) == "connection_specific");
}

TEST_CASE("extended CONNECT is malformed where it was not allowed") {
    auto session = Session::server({});
    std::string output;
    const Lines lines{
        {":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}};
    const auto events = play(session, std::string(magic) + settings() + headers(1, lines), 0, output);
    CHECK(events.back() == "reset 1 PROTOCOL_ERROR by us");
}

TEST_CASE("content that is not as long as Content-Length resets its stream, without an end") {
    struct Length {
        std::string_view length;
        std::string content;
        std::vector<std::string> events;
    };
    const std::string reset = "reset 1 PROTOCOL_ERROR by us";
    const std::vector<Length> cases{
        {"4", data(1, "abc"), {"data 1 abc", reset}},
        {"2", data(1, "ab", 0) + data(1, "c"), {"data 1 ab", reset}},
        {"0", data(1, "GET /b HTTP/1.1"), {reset}},
        {"5", data(1, ""), {reset}},
        {"5", data(1, "ab", 0) + headers(1, {{"x", "y"}}), {"data 1 ab", reset}},
        {"3", data(1, "abc"), {"data 1 abc", "end 1"}},
        {"0", data(1, ""), {"end 1"}},
        {"00003", data(1, "abc"), {"data 1 abc", "end 1"}},
    };
    for (const auto& [length, content, expected] : cases) {
        INFO(length);
        auto session = Session::server({});
        std::string output;
        const auto head = headers(1, post({{"content-length", std::string(length)}}), end_headers);
        auto events = play(session, std::string(magic) + settings() + head + content, 0, output);
        events.erase(events.begin(), events.begin() + 2);
        CHECK(events == expected);
    }
    auto session = Session::server({});
    std::string output;
    const auto head = headers(1, post({{"content-length", "5"}}));
    CHECK(play(session, std::string(magic) + settings() + head, 0, output).back() == reset);
}

TEST_CASE("a trailer section that would change its message resets the stream") {
    const std::vector<Lines> sections{
        {{":path", "/b"}},
        {{":status", "200"}},
        {{":x", "y"}},
        {{"content-length", "3"}},
        {{"transfer-encoding", "chunked"}},
        {{"host", "b"}},
        {{"connection", "close"}},
        {{"X", "y"}},
        {{"x", "y\r\nz: 1"}},
        {{"x y", "z"}},
        {{"", "z"}},
        {{"te", "gzip"}},
        {{"upgrade", "h2c"}},
        {{"x", " y"}},
        {{"x", nul("@")}},
        {{"x", "y"}, {":path", "/"}},
    };
    for (const Lines& section : sections) {
        INFO(section.front().first << ": " << section.front().second);
        CHECK(!read_trailers(list_of(section)));
        auto session = Session::server({});
        std::string output;
        const auto input =
            std::string(magic) + settings() + headers(1, post(), end_headers) + data(1, "abc", 0) + headers(1, section);
        CHECK(play(session, input, 0, output).back() == "reset 1 PROTOCOL_ERROR by us");
    }
}

TEST_CASE("what is odd and means one thing only passes") {
    struct Passing {
        Lines lines;
        std::string wire;
    };
    const std::string begin = "GET / HTTP/2.0\r\nhost: a\r\n";
    const std::vector<Passing> cases{
        {get({{"content_length", "5"}}), begin + "content_length: 5\r\n\r\n"},
        {get({{"x", ""}}), begin + "x: \r\n\r\n"},
        {get({{"x", "y\tz"}}), begin + "x: y\tz\r\n\r\n"},
        {get({{"x", "caf\xc3\xa9"}}), begin + "x: caf\xc3\xa9\r\n\r\n"},
        {get({{"x", "a: b"}}), begin + "x: a: b\r\n\r\n"},
        {get({{"!#$%&'*+-.^_`|~", "y"}}), begin + "!#$%&'*+-.^_`|~: y\r\n\r\n"},
        {get({{"te", "trailers"}}), begin + "te: trailers\r\n\r\n"},
        {get({{"x", "1"}, {"x", "2"}}), begin + "x: 1\r\nx: 2\r\n\r\n"},
        {get({{"host", "A:443"}}), begin + "\r\n"},
        {with(":path", "//b/?x=y%0d%0a"), "GET //b/?x=y%0d%0a HTTP/2.0\r\nhost: a\r\n\r\n"},
        {with(":path", "/a|b{c}"), "GET /a|b{c} HTTP/2.0\r\nhost: a\r\n\r\n"},
        {with(":method", "get"), "get / HTTP/2.0\r\nhost: a\r\n\r\n"},
        {with(":authority", "[::1]:8443"), "GET / HTTP/2.0\r\nhost: [::1]:8443\r\n\r\n"},
        {with(":authority", "a_b.example"), "GET / HTTP/2.0\r\nhost: a_b.example\r\n\r\n"},
    };
    for (const auto& [lines, wire] : cases) {
        INFO(wire);
        const auto read = read_request(list_of(lines));
        REQUIRE(read);
        CHECK(to_wire(read->head) == wire);
        auto session = Session::server({});
        std::string output;
        CHECK(play(session, std::string(magic) + settings() + headers(1, lines), 0, output)
                  .back()
                  .starts_with("request 1 "));
    }
}
