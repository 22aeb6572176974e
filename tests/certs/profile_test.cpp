#include "certs/profile.h"

#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

std::string rules(const Certificate& certificate, Role role) {
    std::string text;
    for (const Finding& finding : profile_findings({certificate, 0, role})) {
        CHECK(finding.severity == Severity::notice);
        if (!text.empty()) text += ", ";
        text += finding.rule;
    }
    return text;
}
const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
std::string leaf_rules(const Forge& forge) { return rules(forge.signed_by(root()).certificate(), Role::leaf); }
Forge leaf() { return Forge::leaf("www.example.com"); }

}  // namespace

TEST_CASE("a certificate as it should be breaks no rule of its profile") {
    CHECK(leaf_rules(leaf()).empty());
    CHECK(rules(root().certificate(), Role::anchor).empty());
    CHECK(rules(Forge::intermediate("CA").signed_by(root()).certificate(), Role::intermediate).empty());
}

TEST_CASE("serial numbers are positive and have at most 20 bytes") {
    CHECK(leaf_rules(leaf().serial(0)) == "RFC 5280 §4.1.2.2");
    CHECK(leaf_rules(leaf().serial(-5)) == "RFC 5280 §4.1.2.2");
    CHECK(leaf_rules(leaf().serial(der_unsigned(ByteVector(21, 1)))) == "RFC 5280 §4.1.2.2");
    CHECK(leaf_rules(leaf().serial(der_unsigned(ByteVector(20, 1)))).empty());
}

TEST_CASE("key identifiers are there") {
    CHECK(leaf_rules(leaf().authority_key_identifier(std::nullopt)) == "RFC 5280 §4.2.1.1");
    CHECK(rules(Forge::intermediate("CA").subject_key_identifier(std::nullopt).signed_by(root()).certificate(),
                Role::intermediate) == "RFC 5280 §4.2.1.2");
}

TEST_CASE("a CA's basic constraints are critical") {
    CHECK(rules(Forge::root("R").basic_constraints(true, std::nullopt, false).self_signed().certificate(),
                Role::anchor) == "RFC 5280 §4.2.1.9");
}

TEST_CASE("a root's extensions are those that the CA/Browser Forum allows") {
    CHECK(rules(Forge::root("R").extended_key_usage({"serverAuth"}).self_signed().certificate(), Role::anchor) ==
          "CA/Browser Forum BR §7.1.2.1.2");
    CHECK(rules(Forge::root("R").authority_key_identifier(ByteVector{1, 2}).self_signed().certificate(),
                Role::anchor) == "CA/Browser Forum BR §7.1.2.1.3");
}

TEST_CASE("a self-issued CA below the root names the key that signed it, as any other does") {
    const Forged next = Forge::root("Root").authority_key_identifier(root().key_identifier).signed_by(root());
    CHECK(rules(next.certificate(), Role::intermediate).empty());
}

TEST_CASE("a server's certificate is no CA's") {
    CHECK(leaf_rules(leaf().basic_constraints(true)) == "CA/Browser Forum BR §7.1.2.7.8");
    CHECK(leaf_rules(leaf().key_usage({Usage::digital_signature, Usage::key_cert_sign})) == "RFC 5280 §4.2.1.3");
    CHECK(leaf_rules(leaf().name_constraints({dns("example.com")}, {})) == "RFC 5280 §4.2.1.10");
}

TEST_CASE("a server's purposes are named, not any, and not critical") {
    CHECK(leaf_rules(leaf().extended_key_usage({"serverAuth", "any"})) == "CA/Browser Forum BR §7.1.2.7.10");
    CHECK(leaf_rules(leaf().extended_key_usage({"serverAuth"}, true)) == "CA/Browser Forum BR §7.1.2.7.6");
    CHECK(leaf_rules(leaf().no_extended_key_usage()) == "CA/Browser Forum BR §7.1.2.7.6");
}

TEST_CASE("a common name is one of the alternative names, letter for letter") {
    CHECK(leaf_rules(leaf().subject(tests::common_name("other.example"))) == "CA/Browser Forum BR §7.1.4.3");
    CHECK(leaf_rules(leaf().subject(tests::common_name("WWW.example.com"))) == "CA/Browser Forum BR §7.1.4.3");
    CHECK(leaf_rules(Forge::leaf("192.0.2.1")).empty());
}

TEST_CASE("alternative names are critical exactly when there is no subject") {
    CHECK(leaf_rules(leaf().subject(tests::name({}))) == "RFC 5280 §4.2.1.6");
    CHECK(leaf_rules(leaf().subject(tests::name({})).names({dns("www.example.com")}, true)).empty());
    CHECK(leaf_rules(leaf().names({dns("www.example.com")}, true)) == "CA/Browser Forum BR §7.1.2.7.12");
}

TEST_CASE("dates are UTCTime through 2049 and a CA's key usage is there") {
    CHECK(leaf_rules(leaf().dates(der_generalized_time(days_later(-1)), der_utc_time(days_later(1)))) ==
          "RFC 5280 §4.1.2.5");
    CHECK(rules(Forge::root("R").no_key_usage().self_signed().certificate(), Role::anchor) == "RFC 5280 §4.2.1.3");
}

TEST_CASE("underscores and wildcards on public suffixes are remarked") {
    CHECK(leaf_rules(leaf().names({dns("www.example.com"), dns("a_b.example.com")})) == "CA/Browser Forum BR §7.1.4.2");
    CHECK(leaf_rules(leaf().names({dns("www.example.com"), dns("*.co.uk")})) == "CA/Browser Forum BR §3.2.2.6");
    CHECK(leaf_rules(leaf().names({dns("www.example.com"), dns("*.example.uk")})).empty());
}

TEST_CASE("the strict profile makes errors of them") {
    const Chain chain({leaf().serial(0).signed_by(root())}, {root()});
    CHECK(errors(chain.verify()) == "ok");
    CHECK(errors(chain.verify([](VerifyInput& input) { input.profile = Profile::strict; })) == "profile_violation@0");
}
