#include "certs/breaks.h"

#include "tests/certs/chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

using namespace certs;
using namespace tests;

namespace {

constexpr Time end_after(double days) { return {days_later(days).seconds + 1}; }

Forge leaf(double until) { return Forge::leaf("www.example.com").dates(days_later(-30), days_later(until)); }

std::optional<Break> breaks(const Chain& chain, std::span<const Crl> lists = {}) {
    const auto views = chain.views();
    return first_break(
        {.served = views, .trust = chain.trust, .host = chain.host, .at = chain.at, .revocation = {.lists = lists}});
}

}  // namespace

TEST_CASE("a chain breaks when the first certificate of its only path expires") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged ca = Forge::intermediate("CA").dates(days_later(-100), days_later(7)).signed_by(root);
    const auto by_ca = breaks(Chain({leaf(60).signed_by(ca), ca}, {root}));
    REQUIRE(by_ca);
    CHECK(*by_ca == Break{end_after(7), Code::expired, 1, Role::intermediate, "CN=CA", ""});
    const auto by_leaf = breaks(Chain({leaf(5).signed_by(ca), ca}, {root}));
    REQUIRE(by_leaf);
    CHECK(*by_leaf == Break{end_after(5), Code::expired, 0, Role::leaf, "CN=www.example.com", ""});
}

TEST_CASE("an anchor that expires breaks the chain, unless it is not on the path") {
    const Forged root = Forge::root("Root").dates(days_later(-100), days_later(3)).self_signed();
    const auto broken = breaks(Chain({leaf(60).signed_by(root)},
                                     {root, Forge::root("Other").dates(days_later(-9), days_later(1)).self_signed()}));
    REQUIRE(broken);
    CHECK(*broken == Break{end_after(3), Code::expired, 1, Role::anchor, "CN=Root", ""});
}

TEST_CASE("where another path takes over, the chain breaks when the last path does, because of what ended then") {
    const Forged old_root = Forge::root("Old").self_signed(), new_root = Forge::root("New").self_signed();
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    const Forged by_old = Forge::intermediate("CA").key(key).dates(days_later(-100), days_later(7)).signed_by(old_root);
    const Forged by_new =
        Forge::intermediate("CA").key(key).dates(days_later(-100), days_later(20)).signed_by(new_root);
    for (const auto& [first, second] : {std::pair(by_old, by_new), std::pair(by_new, by_old)}) {
        const auto broken = breaks(Chain({leaf(60).signed_by(by_old), first, second}, {old_root, new_root}));
        REQUIRE(broken);
        CHECK(*broken == Break{end_after(20), Code::expired, 1, Role::intermediate, "CN=CA", ""});
    }
}

TEST_CASE("a list that runs out breaks the chain before any certificate does") {
    const Forged root = Forge::root("Root").self_signed();
    ListForge list;
    list.next_update = days_later(2);
    const std::vector<Crl> lists{*Crl::parse(list.signed_by(root), "root.crl")};
    const auto broken = breaks(Chain({leaf(60).serial(7).signed_by(root)}, {root}), lists);
    REQUIRE(broken);
    CHECK(*broken ==
          Break{end_after(2), Code::revocation_unavailable, 0, Role::leaf, "CN=www.example.com", "root.crl"});
}

TEST_CASE("a response breaks the chain when the tolerance behind its end is over") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged end = leaf(60).serial(7).signed_by(root);
    ResponseForge response;
    response.next_update = days_later(2);
    const std::vector<OcspResponse> responses{*OcspResponse::parse(response.about(end, root), "good.ors")};
    const Chain chain({end}, {root});
    const auto served = chain.views();
    VerifyInput input{served, chain.trust, chain.host, chain.at};
    input.revocation.responses = responses;
    const auto broken = first_break(input);
    REQUIRE(broken);
    constexpr std::int64_t tolerance = 300;
    CHECK(broken->at == Time{days_later(2).seconds + tolerance + 1});
    CHECK(broken->source == "good.ors");
}

TEST_CASE("what does not verify now has no moment at which it stops") {
    const Forged root = Forge::root("Root").self_signed();
    CHECK_FALSE(breaks(Chain({leaf(60).signed_by(root)}, {})));
    CHECK_FALSE(breaks(Chain({leaf(-1).signed_by(root)}, {root})));
    CHECK_FALSE(breaks(Chain({}, {root})));
}

TEST_CASE("a file with more ends than can be looked at still breaks with its leaf") {
    const Forged root = Forge::root("Root").self_signed();
    std::vector<Forged> served{leaf(60).signed_by(root)};
    for (int i = 0; i < 250; ++i)
        served.push_back(Forge::intermediate("X").dates(days_later(-9), days_later(1 + i / 10.0)).signed_by(root));
    const auto broken = breaks(Chain(served, {root}));
    REQUIRE(broken);
    CHECK(broken->at == end_after(60));
}
