// Where a tunnel may lead once its first connection has ended.
#include "proxy/upstream/upstream.h"

#include "tests/support/catch.h"

using proxy::io::Address;

namespace {

std::vector<std::string> kept(const std::vector<std::string>& resolved, std::string_view before) {
    std::vector<Address> addresses;
    for (const std::string& ip : resolved) addresses.push_back(*Address::parse(ip, 443));
    proxy::keep_as_public(addresses, *Address::parse(before, 443));
    std::vector<std::string> ips;
    for (const Address& address : addresses) ips.push_back(address.ip());
    return ips;
}

}  // namespace

TEST_CASE("a name whose address was public leads to no address of this machine's networks afterwards") {
    using Ips = std::vector<std::string>;
    for (const auto* inner :
         {"127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1", "0.0.0.0"}) {
        INFO(inner);
        CHECK(kept({inner}, "93.184.216.34") == Ips{"93.184.216.34"});
        CHECK(kept({inner, "8.8.8.8"}, "93.184.216.34") == Ips{"8.8.8.8"});
    }
    CHECK(kept({"127.0.0.1"}, "10.0.0.5") == Ips{"10.0.0.5"});
    CHECK(kept({"169.254.169.254"}, "10.0.0.5") == Ips{"10.0.0.5"});
}

TEST_CASE("a name may lead to another address that is as public as before, or more") {
    using Ips = std::vector<std::string>;
    CHECK(kept({"8.8.4.4", "2001:4860:4860::8888"}, "8.8.8.8") == Ips{"8.8.4.4", "2001:4860:4860::8888"});
    CHECK(kept({"10.0.0.6"}, "10.0.0.5") == Ips{"10.0.0.6"});
    CHECK(kept({"8.8.8.8"}, "10.0.0.5") == Ips{"8.8.8.8"});
    CHECK(kept({"10.0.0.5"}, "127.0.0.1") == Ips{"10.0.0.5"});
}
