#include "certs/server_name.h"

#include "certs/hostname.h"
#include "tests/support/catch.h"

using certs::server_name;

namespace {

std::string flaw(std::string_view text) {
    const auto name = server_name(text);
    return name ? "none" : name.error();
}

}  // namespace

TEST_CASE("a server's name is what clients compare: lower case, A-labels, an address in its usual form") {
    CHECK(server_name("localhost") == "localhost");
    CHECK(server_name("App.Example.TEST.") == "app.example.test");
    CHECK(server_name("*.Example.test") == "*.example.test");
    CHECK(server_name("b\xC3\xBC"
                      "cher.test") == "xn--bcher-kva.test");
    CHECK(server_name("*.b\xC3\xBC"
                      "cher.test") == "*.xn--bcher-kva.test");
    CHECK(server_name("XN--bcher-kva.test") == "xn--bcher-kva.test");
    CHECK(server_name("_service.a_b.test") == "_service.a_b.test");
    CHECK(server_name("192.0.2.7") == "192.0.2.7");
    CHECK(server_name("[2001:DB8:0::1]") == "2001:db8::1");
}

TEST_CASE("what no client would match is refused with the reason") {
    CHECK(flaw("") == "is empty");
    CHECK(flaw("https://a.test/") == "is a URL or a path, and a certificate is for a host");
    CHECK(flaw("a.test:443").contains("every port"));
    CHECK(flaw("fe80::1%eth0").contains("zone"));
    CHECK(flaw("a..test").contains("empty label"));
    CHECK(flaw(".test").contains("empty label"));
    CHECK(flaw("a b.test") == "contains a blank, which no host name has");
    CHECK(flaw("a@b.test") == "contains '@', which no host name has");
    CHECK(flaw(std::string_view("a\0.test", 7)) == "contains the byte 0x00, which no host name has");
    CHECK(flaw("a-.test").contains("hyphen"));
    CHECK(flaw("-a.test").contains("hyphen"));
    CHECK(flaw("xn--.test").contains("hyphen"));
    CHECK(flaw(std::string(64, 'a') + ".test").contains("a label of 64 characters"));
    CHECK(server_name(std::string(63, 'a') + ".test"));
    CHECK(flaw("256.1.1.1").contains("an IPv4 address"));
    CHECK(flaw("10.1").contains("an IPv4 address"));
    CHECK(flaw("\xE2\x98\x83.test").contains("internationalized"));
    CHECK(flaw("\xFF.test").contains("internationalized"));
    for (const std::string_view text : {"a.xn--zzzzzzzz99999.test", "xn--a.test", "*.xn--0.test"})
        CHECK(flaw(text).contains("xn-- that is no internationalized label"));
}

TEST_CASE("a wildcard is a whole first label before two others") {
    for (const std::string_view text : {"f*.a.test", "a.*.test", "*.*.test", "*a.test"})
        CHECK(flaw(text).contains("not its whole first label"));
    CHECK(flaw("*").contains("every name"));
    CHECK(flaw("*.test").contains("one label after the *"));
    CHECK(flaw("*.127.0.0.1").contains("before an address"));
    CHECK(flaw("*.10.1").contains("an IPv4 address"));
    CHECK(flaw("*.").contains("empty label"));
}

TEST_CASE("a name has at most 253 characters, the wildcard's among them") {
    const std::string label(49, 'a'), name = label + '.' + label + '.' + label + '.' + label + '.' + label + ".ab";
    REQUIRE(name.size() == 252);
    CHECK(server_name(name));
    CHECK(server_name('b' + name));
    CHECK(flaw("bb" + name).contains("254 characters"));
    CHECK(flaw("*." + name).contains("254 characters"));
}
