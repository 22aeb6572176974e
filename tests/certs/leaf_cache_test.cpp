#include "certs/leaf_cache.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace certs;
using namespace tests;

namespace {

constexpr Time now = forge_time;

// The authority is in memory once it is open: its directory may go.
Authority authority() {
    std::string directory = (std::filesystem::temp_directory_path() / "whytls-test-XXXXXX").string();
    if (mkdtemp(directory.data()) == nullptr) throw std::runtime_error("no temporary directory");
    Authority opened = Authority::open(directory, now).value();
    std::filesystem::remove_all(directory);
    return opened;
}

}  // namespace

TEST_CASE("a host's leaf is minted once") {
    const Authority ca = authority();
    LeafCache cache(ca);
    const auto first = cache.leaf("a.example", now);
    CHECK(cache.leaf("a.example", days_later(1)) == first);
    CHECK(cache.leaf("b.example", now) != first);
    CHECK(cache.size() == 2);
}

TEST_CASE("a leaf is renewed a day before it ends") {
    const Authority ca = authority();
    LeafCache cache(ca);
    const auto first = cache.leaf("a.example", now);
    CHECK(cache.leaf("a.example", {first->not_after.seconds - day - 1}) == first);
    const auto renewed = cache.leaf("a.example", {first->not_after.seconds - day});
    CHECK(renewed != first);
    CHECK(renewed->not_after > first->not_after);
    CHECK(cache.size() == 1);
}

TEST_CASE("a leaf minted in what is now the future is minted again") {
    const Authority ca = authority();
    LeafCache cache(ca);
    const auto first = cache.leaf("a.example", days_later(10));
    const auto again = cache.leaf("a.example", now);
    CHECK(again != first);
    CHECK(again->not_after < first->not_after);
}

TEST_CASE("a full cache forgets the host longest unused, whose leaf lives on where it is in use") {
    const Authority ca = authority();
    LeafCache cache(ca, 2);
    const auto a = cache.leaf("a.example", now), b = cache.leaf("b.example", now);
    CHECK(cache.leaf("a.example", now) == a);
    cache.leaf("c.example", now);
    CHECK(cache.size() == 2);
    CHECK(cache.leaf("a.example", now) == a);
    CHECK(cache.leaf("b.example", now) != b);
    CHECK_FALSE(b->chain.empty());
}

TEST_CASE("a cache of no capacity keeps nothing") {
    const Authority ca = authority();
    LeafCache cache(ca, 0);
    CHECK_FALSE(cache.leaf("a.example", now)->chain.empty());
    CHECK(cache.size() == 0);
}
