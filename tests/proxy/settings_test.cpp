#include "proxy/settings/settings.h"

#include "tests/support/catch.h"

using proxy::HostPattern;

TEST_CASE("a host pattern matches its host, its subdomains after *., or anything") {
    CHECK(HostPattern("api.example.com").matches("API.example.com"));
    CHECK(HostPattern("api.example.com").matches("api.example.com."));
    CHECK_FALSE(HostPattern("api.example.com").matches("www.example.com"));
    CHECK(HostPattern("*.example.com").matches("a.b.example.com"));
    CHECK_FALSE(HostPattern("*.example.com").matches("example.com"));
    CHECK_FALSE(HostPattern("*.example.com").matches("badexample.com"));
    CHECK(HostPattern("*").matches("anything.test"));
}

TEST_CASE("a host pattern may be an address, of IPv6 with or without brackets and in any spelling") {
    CHECK(HostPattern("127.0.0.1").matches("127.0.0.1"));
    CHECK(HostPattern("::1").matches("::1"));
    CHECK(HostPattern("[::1]").matches("0:0:0:0:0:0:0:1"));
    CHECK(HostPattern("2001:DB8::1").matches("2001:db8:0::1"));
    CHECK_FALSE(HostPattern("::1").matches("::2"));
}

TEST_CASE("a host pattern that is none is refused") {
    CHECK_THROWS_AS(HostPattern(""), proxy::UsageError);
    CHECK_THROWS_AS(HostPattern("a*.example.com"), proxy::UsageError);
    CHECK_THROWS_AS(HostPattern("[::1]:443"), proxy::UsageError);
    CHECK_THROWS_AS(HostPattern("https://example.com/"), proxy::UsageError);
}
