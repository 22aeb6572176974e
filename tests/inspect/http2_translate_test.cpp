// Heads of HTTP/1 ⇄ header lists of HTTP/2 (RFC 9113 §8.2, §8.3).
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http2/error_code.h"
#include "inspect/http/http2/translate.h"
#include "tests/support/catch.h"

using namespace inspect::http2;
using inspect::http::Field;
using inspect::http::Fields;
using inspect::http::RequestHead;
using inspect::http::ResponseHead;

namespace {

using Lines = std::vector<Field>;

Fields fields_of(const Lines& lines) {
    Fields fields;
    for (const auto& [name, value] : lines) fields.add(name, value);
    return fields;
}

RequestHead request(std::string_view method, std::string_view target, const Lines& fields) {
    return {.method = std::string(method), .target = std::string(target), .version = {}, .fields = fields_of(fields)};
}

std::string text_of(const HeaderList& list) {
    std::string text;
    for (std::size_t at = 0; at < list.size(); ++at)
        text += std::string(list[at].name) + "=" + std::string(list[at].value) + "\n";
    return text;
}

// "" when it has no form in HTTP/2.
std::string written(const RequestHead& head, std::string_view protocol = {}) {
    HeaderList list;
    return write_request(head, "https", protocol, list) ? text_of(list) : "";
}
std::string written(const ResponseHead& head) {
    HeaderList list;
    return write_response(head, list) ? text_of(list) : "";
}

HeaderList list_of(const Lines& lines) {
    HeaderList list;
    for (const auto& [name, value] : lines) list.add(name, value);
    return list;
}

const std::string get = ":method=GET\n:scheme=https\n:authority=a\n:path=/\n";

}  // namespace

TEST_CASE("a request's target and Host become pseudo-header fields") {
    CHECK(written(request("GET", "/", {{"Host", "a"}})) == get);
    CHECK(written(request("GET", "/b?c", {{"Accept", "*/*"}, {"Host", "A:8443"}})) ==
          ":method=GET\n:scheme=https\n:authority=A:8443\n:path=/b?c\naccept=*/*\n");
    CHECK(written(request("GET", "http://b/c", {{"Host", "a"}})) ==
          ":method=GET\n:scheme=http\n:authority=b\n:path=/c\n");
    CHECK(written(request("OPTIONS", "*", {{"Host", "a"}})) ==
          ":method=OPTIONS\n:scheme=https\n:authority=a\n:path=*\n");
    CHECK(written(request("OPTIONS", "http://a", {})) == ":method=OPTIONS\n:scheme=http\n:authority=a\n:path=*\n");
    CHECK(written(request("CONNECT", "a:443", {{"Host", "a:443"}})) == ":method=CONNECT\n:authority=a:443\n");
    CHECK(written(request("GET", "/", {})) == ":method=GET\n:scheme=https\n:path=/\n");
    CHECK(written(request("GET", "/", {{"Host", ""}})) == ":method=GET\n:scheme=https\n:path=/\n");
}

TEST_CASE("names become lower case, values and the order of fields stay") {
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"X-B", "Y"}, {"x-a", "Z"}, {"X-B", "W"}})) ==
          get + "x-b=Y\nx-a=Z\nx-b=W\n");
}

TEST_CASE("fields about the connection are left out") {
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"Connection", "close, X-Hop"}, {"x-hop", "1"}, {"X", "y"}})) ==
          get + "x=y\n");
    for (const std::string_view name : {"Keep-Alive", "Proxy-Connection", "Upgrade", "HTTP2-Settings", "Connection"})
        CHECK(written(request("GET", "/", {{"Host", "a"}, {std::string(name), "x"}})) == get);
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"TE", "gzip"}})) == get);
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"Connection", "TE"}, {"TE", "gzip;q=1, Trailers"}})) ==
          get + "te=trailers\n");
    CHECK(written(request("POST", "/", {{"Host", "a"}, {"Connection", "Content-Length"}, {"Content-Length", "3"}})) ==
          ":method=POST\n:scheme=https\n:authority=a\n:path=/\ncontent-length=3\n");
}

TEST_CASE("chunked is taken off, and any other transfer coding has no form in HTTP/2") {
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"Transfer-Encoding", "Chunked"}})) == get);
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"Transfer-Encoding", "gzip, chunked"}})).empty());
    CHECK(
        written(ResponseHead{200, "OK", {}, fields_of({{"Transfer-Encoding", "chunked"}, {"Content-Length", "3"}})}) ==
        ":status=200\n");
}

TEST_CASE("a head that no one can send is not written") {
    const Lines host{{"Host", "a"}};
    CHECK(written(request("GE T", "/", host)).empty());
    CHECK(written(request("GET", "/ b", host)).empty());
    CHECK(written(request("GET", "b", host)).empty());
    CHECK(written(request("GET", "*", host)).empty());
    CHECK(written(request("GET", "/#b", host)).empty());
    CHECK(written(request("CONNECT", "a", host)).empty());
    CHECK(written(request("CONNECT", "a:443", {{"Content-Length", "3"}})).empty());
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"Host", "a"}})).empty());
    CHECK(written(request("GET", "/", {{"Host", "b@a"}})).empty());
    CHECK(written(request("GET", "/", {{"Host", "a/b"}})).empty());
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"x y", "z"}})).empty());
    CHECK(written(request("GET", "/", {{"Host", "a"}, {"x", "y\r\nz"}})).empty());
    CHECK(written(request("GET", "/", host), "web socket").empty());
    CHECK(written(ResponseHead{101, "", {}, {}}).empty());
    CHECK(written(ResponseHead{99, "", {}, {}}).empty());
    CHECK(written(ResponseHead{1000, "", {}, {}}).empty());
}

TEST_CASE("an upgrade becomes an extended CONNECT") {
    CHECK(written(request("GET", "/chat", {{"Host", "a"}, {"Upgrade", "websocket"}, {"Connection", "upgrade"}}),
                  "websocket") == ":method=CONNECT\n:protocol=websocket\n:scheme=https\n:authority=a\n:path=/chat\n");
}

TEST_CASE("a response has its status, and no reason phrase") {
    CHECK(written(ResponseHead{404, "Not Found", {}, fields_of({{"Content-Length", "3"}, {"Connection", "close"}})}) ==
          ":status=404\ncontent-length=3\n");
    CHECK(written(ResponseHead{103, "", {}, fields_of({{"Link", "</a>"}})}) == ":status=103\nlink=</a>\n");
    CHECK(written(ResponseHead{204, "", {}, fields_of({{"Content-Length", "0"}})}) == ":status=204\n");
}

TEST_CASE("crumbs of Cookie are joined, in the place of the first") {
    const auto read = read_request(list_of({{":method", "GET"},
                                            {":scheme", "HTTPS"},
                                            {":authority", "a"},
                                            {":path", "/"},
                                            {"cookie", "b=1"},
                                            {"x", "y"},
                                            {"cookie", ""},
                                            {"cookie", "c=2"}}));
    REQUIRE(read);
    CHECK(read->scheme == "https");
    CHECK(read->head.version == inspect::http::Version{2, 0});
    CHECK(read->head.fields == fields_of({{"host", "a"}, {"cookie", "b=1; c=2"}, {"x", "y"}}));
}

TEST_CASE("the host comes first, from :authority or else from Host") {
    const auto from_host =
        read_request(list_of({{":method", "GET"}, {":scheme", "https"}, {":path", "/b"}, {"x", "y"}, {"host", "A:1"}}));
    REQUIRE(from_host);
    CHECK(from_host->head.fields == fields_of({{"host", "A:1"}, {"x", "y"}}));
    CHECK(from_host->head.target == "/b");
}

TEST_CASE("CONNECT has its authority as target, an extended one its path") {
    const auto plain = read_request(list_of({{":method", "CONNECT"}, {":authority", "a:443"}}));
    REQUIRE(plain);
    CHECK(plain->head.target == "a:443");
    CHECK(plain->scheme.empty());
    CHECK(plain->head.fields == fields_of({{"host", "a:443"}}));
    const auto extended = read_request(list_of({{":method", "CONNECT"},
                                                {":protocol", "websocket"},
                                                {":scheme", "https"},
                                                {":authority", "a"},
                                                {":path", "/chat"}}));
    REQUIRE(extended);
    CHECK(extended->head.target == "/chat");
    CHECK(extended->protocol == "websocket");
}

TEST_CASE("a header list counts 32 octets for each line, as RFC 9113 6.5.2 says") {
    HeaderList list;
    list.add("a", "bc");
    list.add_lowered("D", "E");
    CHECK(list.list_size() == 5 + 64);
    CHECK(list[1] == HeaderList::Line{"d", "E"});
    list.clear();
    CHECK(list.empty());
}

TEST_CASE("error codes and faults have the names of RFC 9113 and of this project") {
    CHECK(name(ErrorCode::http_1_1_required) == "HTTP_1_1_REQUIRED");
    CHECK(name(static_cast<ErrorCode>(0xe)).empty());
    CHECK(name(Malformed::pseudo_after_field) == "pseudo_after_field");
}
