#include "certs/rank.h"

#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
std::string told(const Forge& leaf) { return errors(Chain({leaf.signed_by(root())}, {root()}).verify()); }
Forge expired(Forge forge) { return forge.dates(days_later(-90), days_later(-1)); }

}  // namespace

TEST_CASE("a certificate for another host is told before its dates: renewing it would not make it the right one") {
    CHECK(told(expired(Forge::leaf("other.example"))) == "hostname_mismatch@0 expired@0");
}

TEST_CASE("a date is told before the purpose and the strength that a renewal would mend too") {
    CHECK(told(expired(Forge::leaf("www.example.com").key(KeyType::rsa1024).extended_key_usage({"clientAuth"}))) ==
          "expired@0 wrong_purpose@0 weak_key@0");
}

TEST_CASE("a signature that is wrong is told before all that hangs on it") {
    CHECK(told(expired(Forge::leaf("other.example").broken_signature())) ==
          "bad_signature@0 hostname_mismatch@0 expired@0");
}

TEST_CASE("a chain nobody vouches for is told before the name in it, as every client tells it") {
    const Forged stranger = Forge::root("Stranger").self_signed();
    CHECK(errors(Chain({Forge::leaf("other.example").signed_by(stranger), stranger}, {root()}).verify()) ==
          "untrusted_root@1 hostname_mismatch@0");
    CHECK(errors(Chain({Forge::leaf("other.example").signed_by(stranger)}, {root()}).verify()) ==
          "unknown_issuer@0 hostname_mismatch@0");
}

TEST_CASE("of the same fault at several depths the leaf's is told first") {
    const Forged ca = expired(Forge::intermediate("CA")).signed_by(root());
    CHECK(errors(Chain({expired(Forge::leaf("www.example.com")).signed_by(ca), ca}, {root()}).verify()) ==
          "expired@0 expired@1");
}

TEST_CASE("errors come before warnings, and warnings before notices") {
    std::vector<Finding> findings{{Code::profile_violation, Severity::notice, 0, NoEvidence{}, ""},
                                  {Code::expires_soon, Severity::warning, 0, NoEvidence{}, ""},
                                  {Code::weak_signature, Severity::error, 0, NoEvidence{}, ""}};
    rank_findings(findings);
    CHECK(findings[0].code == Code::weak_signature);
    CHECK(findings[1].code == Code::expires_soon);
    CHECK(findings[2].code == Code::profile_violation);
}
