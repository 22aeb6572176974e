#include "proxy/upstream/reuse.h"

#include "tests/support/catch.h"

using namespace proxy;
using inspect::http::KeepAlive;

namespace {

constexpr double opened = 5000, second = 1000;

// A connection that has answered with each of these, the last at `opened`.
Reuse after(const std::vector<KeepAlive>& answers) {
    Reuse reuse(opened);
    for (const KeepAlive& said : answers) reuse.answered(said, opened);
    return reuse;
}

}  // namespace

TEST_CASE(
    "a connection of which nothing is announced carries requests until it is idle for as long as curl keeps one") {
    for (const Reuse& reuse : {after({}), after({{}}), after({{600, std::nullopt}})}) {
        CHECK(reuse.allows(opened));
        CHECK(reuse.allows(opened + 118 * second));
        CHECK_FALSE(reuse.allows(opened + 118.1 * second));
    }
}

TEST_CASE("an announced time-out ends the reuse a second before, of a short one at half of it") {
    const Reuse five = after({{5, std::nullopt}});
    CHECK(five.allows(opened + 3.9 * second));
    CHECK_FALSE(five.allows(opened + 4 * second));
    const Reuse one = after({{1, std::nullopt}});
    CHECK(one.allows(opened));
    CHECK(one.allows(opened + 0.49 * second));
    CHECK_FALSE(one.allows(opened + 0.5 * second));
    CHECK_FALSE(after({{0, std::nullopt}}).allows(opened));
}

TEST_CASE("each response begins the time-out anew, and says which it is") {
    Reuse reuse(opened);
    reuse.answered({5, std::nullopt}, opened);
    reuse.answered({5, std::nullopt}, opened + 3 * second);
    CHECK(reuse.allows(opened + 6 * second));
    reuse.answered({2, std::nullopt}, opened + 6 * second);
    CHECK_FALSE(reuse.allows(opened + 7 * second));
    reuse.answered({}, opened + 7 * second);
    CHECK(reuse.allows(opened + 60 * second));
}

TEST_CASE("a server that counts its requests down is asked until it says 0") {
    CHECK(after({{5, 2}, {5, 1}}).allows(opened));
    CHECK_FALSE(after({{5, 2}, {5, 1}, {5, 0}}).allows(opened));
    CHECK_FALSE(after({{std::nullopt, 0}}).allows(opened));
}

TEST_CASE("a server that says the same number each time is asked as often as that") {
    const KeepAlive three{5, 3};
    CHECK(after({three, three}).allows(opened));
    CHECK_FALSE(after({three, three, three}).allows(opened));
    CHECK_FALSE(after({{5, 1}}).allows(opened));
}
