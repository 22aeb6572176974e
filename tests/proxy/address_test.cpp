#include "proxy/io/address.h"

#include "tests/support/catch.h"

using proxy::io::Address;
using proxy::io::Reach;

namespace {

Reach reach_of(std::string_view ip) {
    const auto address = Address::parse(ip, 80);
    REQUIRE(address);
    return address->reach();
}

void all_are(Reach reach, std::initializer_list<std::string_view> addresses) {
    for (const std::string_view each : addresses) {
        INFO(each);
        CHECK(reach_of(each) == reach);
    }
}

}  // namespace

TEST_CASE("addresses of the internet reach globally, up to the edges of the special blocks") {
    all_are(Reach::global, {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                            "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
                            "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                            "2606:4700::1", "2001:4860:4860::8888", "2a00:1450::1"});
}

TEST_CASE(
    "private, shared, benchmarking and documentation addresses are of private use (RFC 1918, 6598, 2544, 5737, 4193, 3849)") {
    all_are(Reach::private_use,
            {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "192.0.0.8",
             "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "fc00::1", "fdff::1",
             "fec0::1", "2001:db8::1", "2001::1", "64:ff9b:1::1", "3fff::1"});
}

TEST_CASE("link-local addresses, where clouds keep their metadata, are told apart (RFC 3927, 4291)") {
    all_are(Reach::link_local, {"169.254.169.254", "169.254.0.0", "fe80::1", "febf::1"});
}

TEST_CASE("loopback is all of 127.0.0.0/8 and ::1") {
    all_are(Reach::loopback, {"127.0.0.1", "127.255.255.254", "::1"});
}

TEST_CASE("unspecified, multicast, broadcast and reserved addresses are nobody's") {
    all_are(Reach::none, {"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
                          "192.88.99.1", "::", "ff02::1", "100::1", "4000::1", "fe00::1", "::127.0.0.1"});
}

TEST_CASE("an IPv6 address that carries an IPv4 one reaches as far as that (RFC 4291 §2.5.5.2, 6052, 3056)") {
    all_are(Reach::loopback, {"::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::"});
    all_are(Reach::private_use, {"::ffff:10.0.0.1", "64:ff9b::192.168.0.1", "2002:a00:1::1"});
    all_are(Reach::link_local, {"::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"});
    all_are(Reach::none, {"::ffff:0.0.0.0"});
    all_are(Reach::global, {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"});
}
