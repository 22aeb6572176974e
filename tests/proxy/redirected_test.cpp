#include "proxy/services/named_addresses.h"
#include "proxy/upstream/near_ends.h"
#include "tests/support/catch.h"

using namespace proxy;

namespace {

io::Address at(const char* ip, std::uint16_t port) { return *io::Address::parse(ip, port); }

}  // namespace

TEST_CASE("an open connection that comes in again is known by both its ends, and learns of it") {
    NearEnds ends;
    {
        const NearEnds::Entry entry(ends, at("10.0.0.1", 40000), at("203.0.113.1", 443));
        CHECK_FALSE(ends.met(at("10.0.0.1", 40000), at("203.0.113.2", 443)));
        CHECK_FALSE(ends.met(at("10.0.0.1", 40001), at("203.0.113.1", 443)));
        CHECK_FALSE(entry.came_back());
        CHECK(ends.met(at("10.0.0.1", 40000), at("203.0.113.1", 443)));
        CHECK(entry.came_back());
    }
    CHECK_FALSE(ends.met(at("10.0.0.1", 40000), at("203.0.113.1", 443)));
}

TEST_CASE("a name has one address, and no other name has it") {
    NamedAddresses names;
    const auto first = names.address_of("a.test"), second = names.address_of("b.test");
    REQUIRE((first && second));
    CHECK(first->ip() == "198.18.0.2");
    CHECK(names.address_of("a.test") == first);
    CHECK(names.name_of(*second) == "b.test");
    CHECK(names.name_of(*io::Address::parse(second->ip(), 443)) == "b.test");
    CHECK(names.name_of(at("198.18.0.1", 443)).empty());
    CHECK(names.name_of(at("198.18.0.4", 443)).empty());
    CHECK(names.name_of(at("::1", 443)).empty());
}

TEST_CASE("when all addresses stand for names there is no other, and none leaves 198.18.0.0/15") {
    NamedAddresses names;
    std::optional<io::Address> last;
    unsigned count = 0;
    while (const auto next = names.address_of(std::to_string(count))) {
        last = next;
        ++count;
    }
    CHECK(count == (1U << 17) - 3);
    CHECK(last->ip() == "198.19.255.254");
    CHECK(names.address_of("0")->ip() == "198.18.0.2");
}
