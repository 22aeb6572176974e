#include "proxy/upstream/parent_proxy.h"

#include "tests/support/catch.h"

using namespace proxy;

namespace {

std::string refusal(std::string_view url) {
    try {
        (void)parse_parent(url, "");
    } catch (const UsageError& error) { return error.what(); }
    return "";
}

}  // namespace

TEST_CASE("a parent proxy's URL gives host, port and credentials") {
    const ParentProxy plain = parse_parent("http://Proxy.Corp:3128/", "");
    CHECK(authority(plain) == "proxy.corp:3128");
    CHECK(plain.authorization.empty());
    CHECK(authority(parse_parent("http://proxy.corp", "")) == "proxy.corp:80");
    CHECK(authority(parse_parent("http://[::1]:3128", "")) == "[::1]:3128");
    CHECK(authority(parse_parent("http://[::1]", "")) == "[::1]:80");
    CHECK_FALSE(plain.tls);
    const ParentProxy secure = parse_parent("https://proxy.corp", "");
    CHECK((secure.tls && authority(secure) == "proxy.corp:443"));
    CHECK(authority(parse_parent("proxy.corp:3128", "")) == "proxy.corp:3128");
    CHECK(parse_parent("http://Aladdin:open%20sesame@proxy.corp:3128", "").authorization ==
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("a URL that names no parent proxy is refused without being repeated") {
    for (const char* url :
         {"socks5://u:s3cret@h:1", "http://", "http://u:s3cret@", "http://u:s3cret@h:port", "http://u:s3cret%2@h",
          "http://u%3a:s3cret@h", "https://u:s3cret@", "http://u:s3cret@h/path", "http://h:0"}) {
        INFO(url);
        const std::string text = refusal(url);
        CHECK(text.starts_with("--upstream-proxy"));
        CHECK(text.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("a plain request goes to the parent in absolute form, with our credentials") {
    const ParentProxy parent = parse_parent("http://u:p@proxy.corp", "");
    inspect::http::RequestHead request;
    request.method = "GET";
    request.target = "/a?b";
    const auto sent = for_parent(request, parent, "api.test", 8080, "2.0 whytls-1");
    CHECK(sent.target == "http://api.test:8080/a?b");
    CHECK(*sent.fields.find("Proxy-Authorization") == "Basic dTpw");
    CHECK(*sent.fields.find("Via") == "2.0 whytls-1");
    request.method = "OPTIONS";
    request.target = "*";
    CHECK(for_parent(request, parent, "api.test", 80, "1.1 whytls-1").target == "http://api.test");
}
