#include "proxy/settings/no_proxy.h"

#include "tests/support/catch.h"

using proxy::NoProxy;

TEST_CASE("an exempt name covers itself and all below it, with or without a leading dot") {
    for (const char* list :
         {"example.com", ".example.com", "*.example.com", "other.test, Example.COM.", "a b,example.com"}) {
        INFO(list);
        CHECK(NoProxy(list).matches("example.com", 443));
        CHECK(NoProxy(list).matches("api.EXAMPLE.com.", 443));
        CHECK_FALSE(NoProxy(list).matches("badexample.com", 443));
        CHECK_FALSE(NoProxy(list).matches("example.com.evil.test", 443));
    }
}

TEST_CASE("a star exempts everything, an empty list nothing, loopback neither") {
    CHECK(NoProxy("*").matches("api.example.com", 1));
    CHECK(NoProxy("*").matches("192.0.2.1", 1));
    CHECK_FALSE(NoProxy("").matches("localhost", 80));
    CHECK_FALSE(NoProxy(" , ,").matches("127.0.0.1", 80));
    CHECK_FALSE(NoProxy(".").matches("example.com", 80));
}

TEST_CASE("an exempt address is that address, an exempt network all of its addresses") {
    CHECK(NoProxy("192.0.2.1").matches("192.0.2.1", 443));
    CHECK_FALSE(NoProxy("192.0.2.1").matches("192.0.2.10", 443));
    CHECK_FALSE(NoProxy("2.1").matches("192.0.2.1", 443));
    CHECK(NoProxy("10.0.0.0/8").matches("10.255.0.1", 443));
    CHECK_FALSE(NoProxy("10.0.0.0/8").matches("11.0.0.1", 443));
    CHECK(NoProxy("192.0.2.128/25").matches("192.0.2.129", 443));
    CHECK_FALSE(NoProxy("192.0.2.128/25").matches("192.0.2.127", 443));
    CHECK(NoProxy("0.0.0.0/0").matches("192.0.2.1", 443));
    CHECK_FALSE(NoProxy("10.0.0.0/33").matches("10.0.0.1", 443));
    CHECK_FALSE(NoProxy("0.0.0.0/0").matches("2001:db8::1", 443));
    CHECK(NoProxy("2001:db8::/32").matches("2001:db8:1::7", 443));
    CHECK(NoProxy("::1").matches("0:0:0:0:0:0:0:1", 443));
}

TEST_CASE("a port behind an entry exempts that port alone") {
    CHECK(NoProxy("example.com:8443").matches("example.com", 8443));
    CHECK_FALSE(NoProxy("example.com:8443").matches("example.com", 443));
    CHECK(NoProxy("[::1]:8443").matches("::1", 8443));
    CHECK_FALSE(NoProxy("[::1]:8443").matches("::1", 443));
    CHECK_FALSE(NoProxy("example.com:x").matches("example.com", 443));
}

TEST_CASE("entries that can match nothing are named") {
    CHECK(NoProxy("*, example.com, *.example.com, .a.test:80, 10.0.0.0/8, [::1]/128").idle().empty());
    CHECK(NoProxy("api*.test, *.*.test,*a.test 10.0.0.0/33,x/8").idle() ==
          std::vector<std::string>{"api*.test", "*.*.test", "*a.test", "10.0.0.0/33", "x/8"});
}
