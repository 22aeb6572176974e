#include "inspect/http/message.h"

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace inspect::http;

namespace {

Fields fields(const std::vector<Field>& lines) {
    Fields result;
    for (const Field& line : lines) result.add(line.name, line.value);
    return result;
}

}  // namespace

TEST_CASE("field names compare without case, and nothing else about them is loose") {
    CHECK(same_name("Content-Length", "cONTENT-lENGTH"));
    CHECK_FALSE(same_name("Content-Length", "Content_Length"));
    CHECK_FALSE(same_name("Host", "Hosts"));
}

TEST_CASE("a field is found by its first line, set in its place, and removed with all its lines") {
    Fields lines = fields({{"A", "1"}, {"B", "2"}, {"a", "3"}});
    CHECK(*lines.find("a") == "1");
    CHECK(lines.count("A") == 2);
    lines.set("a", " 4 ");
    CHECK(lines == fields({{"A", "4"}, {"B", "2"}}));
    lines.set("C", "5");
    CHECK(lines == fields({{"A", "4"}, {"B", "2"}, {"C", "5"}}));
    CHECK(lines.remove("A") == 1);
    CHECK(lines.remove("A") == 0);
    CHECK(lines.find("A") == std::nullopt);
}

TEST_CASE("a field may be set to a part of another, however often, and the others stay as they were") {
    Fields lines = fields({{"A", "one"}, {"B", "two"}});
    for (int i = 0; i < 100; ++i) {
        lines.set("A", *lines.find("B"));
        lines.add("C" + std::to_string(i), *lines.find("A"));
        lines.set("B", std::string_view(*lines.find("B")).substr(0, 3));
    }
    CHECK(lines.size() == 102);
    CHECK(lines.find("A") == "two");
    CHECK(lines.find("B") == "two");
    for (int i = 0; i < 100; ++i) CHECK(lines.find("C" + std::to_string(i)) == "two");
    lines.rewrite("B", [](std::string_view value) { return std::string(value) + std::string(5000, 'x'); });
    CHECK(lines.find("B")->size() == 5003);
    CHECK(lines.find("C99") == "two");
}

TEST_CASE("a short field may be set to a part of itself") {
    Fields lines = fields({{"A", "bc"}});
    for (int i = 0; i < 5; ++i) {
        Fields copy = lines;
        copy.set("A", std::string_view(*copy.find("A")).substr(1));
        copy.rewrite("A", [](std::string_view value) { return "d" + std::string(value); });
        CHECK(copy == fields({{"A", "dc"}}));
        lines = copy;
    }
}

TEST_CASE("fields are equal when their lines are, whatever they were before") {
    Fields lines = fields({{"A", "1"}, {"B", "2"}, {"C", "3"}});
    lines.remove("B");
    lines.set("A", "4");
    CHECK(lines == fields({{"A", "4"}, {"C", "3"}}));
    CHECK_FALSE(lines == fields({{"A", "4"}, {"c", "3"}}));
    CHECK_FALSE(lines == fields({{"A4", ""}, {"C", "3"}}));
    lines.clear();
    CHECK(lines == Fields());
}

TEST_CASE("a token is found in any line of a list field, whole and without case") {
    const Fields lines = fields({{"Connection", "foo , Close"}, {"connection", ",,\tbar"}});
    CHECK(lines.has_token("Connection", "close"));
    CHECK(lines.has_token("connection", "BAR"));
    CHECK_FALSE(lines.has_token("Connection", "clos"));
    CHECK_FALSE(lines.has_token("Via", "close"));
}

TEST_CASE("hop-by-hop fields and what Connection names are dropped, the body's framing stays") {
    Fields lines = fields({{"Host", "a"},
                           {"Connection", "X-One, keep-alive, Content-Length, host"},
                           {"Proxy-Connection", "keep-alive"},
                           {"x-one", "1"},
                           {"X-Two", "2"},
                           {"Keep-Alive", "timeout=5"},
                           {"TE", "trailers"},
                           {"Upgrade", "h2c"},
                           {"Transfer-Encoding", "chunked"},
                           {"Content-Length", "3"},
                           {"Proxy-Authorization", "Basic x"},
                           {"Proxy-Authenticate", "Basic"},
                           {"Connection", "transfer-encoding, X-Three"},
                           {"X-Three", "3"}});
    lines.remove_hop_by_hop();
    CHECK(lines == fields({{"Host", "a"}, {"X-Two", "2"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "3"}}));
}

TEST_CASE("every field that Connection names is dropped, however many there are, in the time that sorting them takes") {
    constexpr int most = 20'000;
    Fields lines = fields({{"Host", "a"}});
    std::string names;
    for (int i = 0; i < most; ++i) {
        names += "x-" + std::to_string(i) + ", ";
        lines.add("X-" + std::to_string(i), "1");
    }
    lines.add("Connection", names + "host");
    lines.add("Y", "2");
    const auto started = std::chrono::steady_clock::now();
    lines.remove_hop_by_hop();
    CHECK(lines == fields({{"Host", "a"}, {"Y", "2"}}));
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));  // each with each would take 20
}

TEST_CASE("a head on the wire cannot be made to end early by a value") {
    ResponseHead head{
        .status = 502, .reason = "Bad\r\nGateway", .version = {}, .fields = fields({{"A", "b\r\n\r\nc"}})};
    CHECK(to_wire(head) == "HTTP/1.1 502 Bad  Gateway\r\nA: b    c\r\n\r\n");
    CHECK(to_wire(RequestHead{.method = "GET", .target = "/\n", .version = {1, 0}, .fields = {}}) ==
          "GET /  HTTP/1.0\r\n\r\n");
}

TEST_CASE("CONNECT takes a host and a port, and nothing else") {
    const auto target = parse_target("CONNECT", "API.Example.com:8443");
    REQUIRE(target);
    CHECK(target->form == TargetForm::authority);
    CHECK(target->host == "api.example.com");
    CHECK(target->port == 8443);
    CHECK(parse_target("CONNECT", "[2001:DB8::1]:443")->host == "2001:db8::1");
    for (const std::string_view wrong :
         {"example.com", "example.com:", "example.com:0", "example.com:65536", "example.com:+1", ":443", "a:1:2", "/",
          "*", "http://example.com/", "u@example.com:443", "[::1]443", "[::1", "[zz::]:1", "[fe80::1%25eth0]:1",
          "a%20b:1", "a b:1"})
        CHECK_FALSE(parse_target("CONNECT", wrong));
}

TEST_CASE("an absolute target splits into scheme, host, port and origin form") {
    const auto target = parse_target("GET", "HTTPS://Example.COM:8443/a/b?c=d:/@");
    REQUIRE(target);
    CHECK(*target == Target{TargetForm::absolute, "https", "example.com", 8443, "/a/b?c=d:/@"});
    CHECK(*parse_target("GET", "http://example.com") == Target{TargetForm::absolute, "http", "example.com", 80, "/"});
    CHECK(*parse_target("GET", "https://[::1]?x") == Target{TargetForm::absolute, "https", "::1", 443, "/?x"});
    CHECK(*parse_target("GET", "http://a_b.:/") == Target{TargetForm::absolute, "http", "a_b.", 80, "/"});
    CHECK(*parse_target("OPTIONS", "http://a") == Target{TargetForm::absolute, "http", "a", 80, "*"});
    CHECK(parse_target("GET", "ftp://a/")->port == 0);
    // A WebSocket's URL, as clients ask proxies for it (RFC 6455 §4.1): it is opened in HTTP.
    CHECK(*parse_target("GET", "ws://a.test/chat") == Target{TargetForm::absolute, "http", "a.test", 80, "/chat"});
    CHECK(*parse_target("GET", "WSS://a.test?x") == Target{TargetForm::absolute, "https", "a.test", 443, "/?x"});
    for (const std::string_view wrong :
         {"http:///a", "http://:80/", "http://u:p@a/", "http://a:x/", "http://a/#b", "http:/a", "://a/", "1http://a/",
          "example.com:443", "http://a:99999/", "http://./", "http://../x", "ftp://a:/", "", "a", "http://a\\b/"})
        CHECK_FALSE(parse_target("GET", wrong));
}

TEST_CASE("an authority names a host and perhaps a port, and nothing else (RFC 3986 §3.2)") {
    CHECK(*parse_authority("https", "API.test") == Target{TargetForm::absolute, "https", "api.test", 443, "/"});
    CHECK(*parse_authority("http", "[::1]:81") == Target{TargetForm::absolute, "http", "::1", 81, "/"});
    CHECK(parse_authority("https", "a.test:")->port == 443);
    CHECK(parse_authority("wss", "a.test")->scheme == "https");
    for (const char* wrong : {"", "a.test/", "a.test/x", "a.test?x", "a.test#x", "u@a.test", "a.test:0", "a.test:x",
                              "a test", "a.test, b.test", "::1", "[::1", ":80"})
        CHECK_FALSE(parse_authority("https", wrong));
}

TEST_CASE("origin form begins with a slash, and the asterisk is for OPTIONS alone") {
    CHECK(parse_target("GET", "/a")->form == TargetForm::origin);
    CHECK(parse_target("GET", "/https://api.example.com/v1")->form == TargetForm::origin);
    CHECK(parse_target("OPTIONS", "*")->form == TargetForm::asterisk);
    CHECK_FALSE(parse_target("GET", "*"));
}

TEST_CASE("a target holds well-formed UTF-8 as it was typed, a host does not") {
    CHECK(parse_target("GET", "https://a.test/caf\xc3\xa9?\xf0\x9f\x98\x80")->path_and_query ==
          "/caf\xc3\xa9?\xf0\x9f\x98\x80");
    for (const auto* wrong :
         {"/\xe9", "/\xc3", "/\xc0\xaf", "/\xc2\x85", "/\xed\xa0\x80", "/\xe0\x80\xaf", "/\xf5\x80\x80\x80",
          "/\xf4\x90\x80\x80", "/\xe2\x82", "/a b", "/\x7f", "/#x", "https://caf\xc3\xa9.test/"}) {
        INFO(wrong);
        CHECK_FALSE(parse_target("GET", wrong));
    }
}
