#include "proxy/services/reachable.h"

#include "inspect/http/message.h"
#include "tests/support/catch.h"

using namespace proxy;
using inspect::page::Reachable;

namespace {

io::Address at(std::string_view ip, std::uint16_t port = 0) { return io::Address::parse(ip, port).value(); }

const std::vector<InterfaceAddress> interfaces{
    {"lo", at("127.0.0.1")}, {"wlan0", at("192.168.1.5")}, {"eth1", at("169.254.7.7")}, {"eth0", at("203.0.113.9")},
    {"lo", at("::1")},       {"wlan0", at("fe80::1")},     {"wlan0", at("fd00::5")}};

std::vector<Reachable> reachable(const std::vector<ListenAt>& listeners) {
    std::vector<io::Address> bound;
    for (const ListenAt& each : listeners) bound.push_back(each.address);
    const auto found = reachable_from_elsewhere(listeners, bound, interfaces);
    CHECK(found.empty() != listens_beyond_loopback(listeners));
    return found;
}

}  // namespace

TEST_CASE("a proxy on loopback is reached from no other machine") {
    CHECK(reachable({{at("127.0.0.1", 8080)}, {at("::1", 8080)}}).empty());
}

TEST_CASE("a proxy on every address is reached at those that other machines have a way to") {
    CHECK(reachable({{at("0.0.0.0", 8080)}}) ==
          std::vector<Reachable>{{"192.168.1.5:8080", "wlan0"}, {"203.0.113.9:8080", "eth0"}});
    CHECK(reachable({{at("::", 8080)}}) == std::vector<Reachable>{{"192.168.1.5:8080", "wlan0"},
                                                                  {"203.0.113.9:8080", "eth0"},
                                                                  {"[fd00::5]:8080", "wlan0"}});
}

TEST_CASE("a proxy on one address is reached there, and what is no proxy nowhere") {
    CHECK(reachable({{at("127.0.0.1", 8080)}, {at("192.168.1.5", 8081)}}) ==
          std::vector<Reachable>{{"192.168.1.5:8081", "wlan0"}});
    ListenAt reverse{at("0.0.0.0", 8443)}, transparent{at("0.0.0.0", 8444)};
    reverse.reverse = inspect::http::parse_target("GET", "https://api.example.com/");
    transparent.transparent = true;
    CHECK(reachable({reverse, transparent}).empty());
}

TEST_CASE("the interfaces of this machine have its loopback address among them, IPv4 first") {
    const auto found = interface_addresses();
    CHECK(std::ranges::any_of(found, [](const InterfaceAddress& each) { return each.address == at("127.0.0.1"); }));
    CHECK(std::ranges::is_sorted(found, {}, [](const InterfaceAddress& each) { return each.address.is_v6(); }));
}
