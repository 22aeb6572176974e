#include "certs/served_chain.h"

#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& first() {
    static const Forged forged = Forge::intermediate("First").basic_constraints(true).signed_by(root());
    return forged;
}
const Forged& second() {
    static const Forged forged = Forge::intermediate("Second").signed_by(first());
    return forged;
}
Forged leaf() { return Forge::leaf("www.example.com").signed_by(second()); }
std::string remarked(const std::vector<Forged>& served) {
    const Verdict verdict = Chain(served, {root()}).verify();
    CHECK(verdict.accepted());
    return remarks(verdict);
}
std::string dated(certs::Time not_before, certs::Time not_after) {
    return remarks(
        Chain({Forge::leaf("www.example.com").dates(not_before, not_after).signed_by(second()), second(), first()},
              {root()})
            .verify());
}

}  // namespace

TEST_CASE("a chain served in order has no remark, one out of order has") {
    CHECK(remarked({leaf(), second(), first()}).empty());
    CHECK(remarked({leaf(), first(), second()}) == "chain_order");
}

TEST_CASE("a root that is served is a notice, wherever it stands") {
    CHECK(remarked({leaf(), second(), first(), root()}) == "root_served");
}

TEST_CASE("a certificate that no path needs, or that is sent twice, is superfluous") {
    CHECK(remarked({leaf(), second(), first(), Forge::intermediate("Unrelated").signed_by(root())}) ==
          "extra_certificates");
    CHECK(remarked({leaf(), second(), second(), first()}) == "extra_certificates");
}

TEST_CASE("a self-signed certificate that has nothing to do with the chain is superfluous, not its root") {
    CHECK(remarked({leaf(), second(), first(), Forge::root("Stranger").self_signed()}) == "extra_certificates");
    CHECK(remarked({leaf(), second(), first(), Forge::root("Root").self_signed()}) == "extra_certificates");
    const Forged old_root = Forge::root("Old Root").self_signed();
    const Forged cross = Forge::intermediate("Root").key(root().key).basic_constraints(true).signed_by(old_root);
    CHECK(remarked({leaf(), second(), first(), cross, old_root}) == "root_served");
}

TEST_CASE("a cross-signed version of a CA on the path is there for other clients and is not superfluous") {
    const Forged old_root = Forge::root("Old Root").self_signed();
    const Forged cross = Forge::intermediate("Root").key(root().key).basic_constraints(true).signed_by(old_root);
    CHECK(remarked({leaf(), second(), first(), cross}).empty());
}

TEST_CASE("expires_soon: less than a tenth of the lifetime and fewer than 30 days remain") {
    CHECK(dated(days_later(-80), days_later(8)) == "expires_soon@0");
    CHECK(dated(days_later(-80), days_later(10)).empty());
    CHECK(dated(days_later(-150), days_later(10)) == "expires_soon@0");
    CHECK(dated(days_later(-90), days_later(-1)).empty());
}

TEST_CASE("validity_too_long: beyond the CA/Browser Forum's limit at the not-before date") {
    const auto for_days = [](const char* from, int days, int seconds) {
        const certs::Time not_before = *parse_rfc3339(from);
        const Chain chain({Forge::leaf("www.example.com")
                               .dates(not_before, {not_before.seconds + days * day + seconds})
                               .signed_by(second()),
                           second(), first()},
                          {root()});
        return chain.verify([&](VerifyInput& input) { input.at = {not_before.seconds + day}; });
    };
    const auto too_long = [&](const char* from, int days, int seconds = -1) {
        return remarks(for_days(from, days, seconds)) == "validity_too_long@0";
    };
    CHECK_FALSE(too_long("2026-03-15T00:00:00Z", 200));
    CHECK(too_long("2026-03-15T00:00:00Z", 200, 0));
    CHECK_FALSE(too_long("2026-03-14T23:59:59Z", 398));
    CHECK(too_long("2026-03-14T23:59:59Z", 398, 0));
    CHECK(too_long("2027-03-15T00:00:00Z", 101));
    CHECK(too_long("2029-03-15T00:00:00Z", 48));
}

TEST_CASE(
    "validity_too_long is for public CAs: not below a root that the user added or whytls made, nor for a CA's or a self-signed certificate") {
    const auto long_lived = [](Forge forge) { return forge.dates(days_later(-30), days_later(900)); };
    const Forged end = long_lived(Forge::leaf("www.example.com")).signed_by(root());
    Chain chain({end}, {});
    chain.trust.add(Forge::root("Other").self_signed().certificate());
    CHECK(remarks(chain.verify()).empty());  // by an unknown issuer
    chain.trust.begin_own();
    chain.trust.add(root().certificate());
    CHECK(remarks(chain.verify()).empty());
    CHECK(remarks(Chain({end}, {root()}).verify()) == "validity_too_long@0");
    // Wherever it is trusted: `whytls ca install` puts it beside the public ones.
    const Forged local =
        Forge::root("").subject({{"O", "whytls"}, {"CN", "whytls local CA 1a2b3c4d (ann@laptop)"}}).self_signed();
    CHECK(remarks(Chain({long_lived(Forge::leaf("www.example.com")).signed_by(local)}, {local}).verify()).empty());

    const Forged lone = long_lived(Forge::leaf("www.example.com")).self_signed();
    CHECK(remarks(Chain({lone}, {lone}).verify()).empty());
    CHECK(remarks(Chain({long_lived(Forge::intermediate("CA")).signed_by(root())}, {root()}).verify()).empty());
}
