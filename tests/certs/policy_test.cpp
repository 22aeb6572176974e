#include "certs/policy.h"

#include <chrono>

#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

constexpr const char* any_policy = "2.5.29.32.0";

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
Forge leaf(const std::vector<std::string>& policies) { return Forge::leaf("www.example.com").policies(policies); }
// The errors of a leaf below one CA, made by `ca`, and a root.
std::string judged(const Forge& ca, const Forge& end, const PolicyInput& policy = {}) {
    const Forged middle = Forge(ca).signed_by(root());
    return errors(Chain({Forge(end).signed_by(middle), middle}, {root()}).verify([&](VerifyInput& input) {
        input.policy = policy;
    }));
}
Forge ca(const std::vector<std::string>& policies) { return Forge::intermediate("CA").policies(policies); }

constexpr OidConstant one{"1.2.3.1"}, two{"1.2.3.2"};

}  // namespace

TEST_CASE("policies that do not meet refuse nothing while none is required") {
    CHECK(judged(ca({"1.2.3.1"}), leaf({"1.2.3.2"})) == "ok");
}

TEST_CASE("a required policy must be valid on the whole path") {
    const PolicyInput required{{}, true, false, false};
    CHECK(judged(ca({"1.2.3.1"}), leaf({"1.2.3.1"}), required) == "ok");
    CHECK(judged(ca({any_policy}), leaf({"1.2.3.1"}), required) == "ok");
    CHECK(judged(ca({"1.2.3.1"}), leaf({any_policy}), required) == "ok");
    CHECK(judged(ca({"1.2.3.1"}), leaf({"1.2.3.2"}), required) == "certificate_policy@0");
    CHECK(judged(Forge::intermediate("CA"), leaf({"1.2.3.1"}), required) == "certificate_policy@1");
}

TEST_CASE("a CA requires a policy by its constraints, after as many certificates as it says") {
    CHECK(judged(ca({"1.2.3.1"}).policy_constraints(0, std::nullopt), leaf({"1.2.3.2"})) == "certificate_policy@0");
    CHECK(judged(ca({"1.2.3.1"}).policy_constraints(0, std::nullopt), leaf({"1.2.3.1"})) == "ok");
    CHECK(judged(ca({"1.2.3.1"}).policy_constraints(5, std::nullopt), leaf({"1.2.3.2"})) == "ok");
}

TEST_CASE("anyPolicy counts only until it is inhibited") {
    const PolicyInput required{{}, true, false, false};
    CHECK(judged(ca({"1.2.3.1"}).inhibit_any_policy(0), leaf({any_policy}), required) == "certificate_policy@0");
    CHECK(judged(ca({"1.2.3.1"}).inhibit_any_policy(1), leaf({any_policy}), required) == "ok");
    CHECK(judged(ca({any_policy}), leaf({"1.2.3.1"}), {{}, true, false, true}) == "certificate_policy@1");
}

TEST_CASE("a mapping makes one policy stand for another, unless mapping is inhibited") {
    const PolicyInput required{{}, true, false, false};
    const Forge mapping = ca({"1.2.3.1"}).policy_mappings({{"1.2.3.1", "1.2.3.2"}});
    CHECK(judged(mapping, leaf({"1.2.3.2"}), required) == "ok");
    CHECK(judged(mapping, leaf({"1.2.3.1"}), required) == "certificate_policy@0");
    CHECK(judged(mapping, leaf({"1.2.3.2"}), {{}, true, true, false}) == "certificate_policy@0");
    CHECK(judged(ca({any_policy}).policy_mappings({{"1.2.3.1", "1.2.3.2"}}), leaf({"1.2.3.2"}), required) == "ok");
}

TEST_CASE("a mapping to or from anyPolicy is refused") {
    CHECK(judged(ca({"1.2.3.1"}).policy_mappings({{any_policy, "1.2.3.2"}}), leaf({"1.2.3.2"})) ==
          "certificate_policy@1");
    CHECK(judged(ca({"1.2.3.1"}).policy_mappings({{"1.2.3.1", any_policy}}), leaf({"1.2.3.2"})) ==
          "certificate_policy@1");
}

TEST_CASE("the user's policies are those that the topmost CA names") {
    const Forge mapping = ca({"1.2.3.1"}).policy_mappings({{"1.2.3.1", "1.2.3.2"}});
    CHECK(judged(mapping, leaf({"1.2.3.2"}), {{one}, true, false, false}) == "ok");
    CHECK(judged(mapping, leaf({"1.2.3.2"}), {{two}, true, false, false}) == "certificate_policy@0");
    CHECK(judged(ca({any_policy}), leaf({any_policy}), {{two}, true, false, false}) == "ok");
}

TEST_CASE("an anchor with policies limits them, unless it is only a name and a key") {
    const Forged limited = Forge::root("R").policies({"1.2.3.1"}).policy_constraints(0, std::nullopt).self_signed();
    const Chain chain({leaf({"1.2.3.2"}).signed_by(limited)}, {limited});
    CHECK(errors(chain.verify()) == "certificate_policy@0");
    CHECK(errors(chain.verify([](VerifyInput& input) { input.anchor_rules.constraints = false; })) == "ok");
}

TEST_CASE("policies that would make a tree grow exponentially cost little (CVE-2023-0464)") {
    // Every CA maps each of its policies to each of the next ones: RFC 5280's tree would have 40^10
    // nodes.
    std::vector<std::string> policies;
    std::vector<std::pair<std::string, std::string>> mappings;
    for (int i = 0; i < 40; ++i) policies.push_back("1.2.3." + std::to_string(i));
    for (const std::string& from : policies) {
        for (const std::string& to : policies) mappings.emplace_back(from, to);
    }
    std::vector<Forged> chain;
    Forged issuer = Forge::root("Root").basic_constraints(true).self_signed();
    const Forged anchor = issuer;
    for (int i = 0; i < 10; ++i) {
        issuer = Forge::intermediate("CA " + std::to_string(i))
                     .basic_constraints(true)
                     .policies(policies)
                     .policy_mappings(mappings)
                     .signed_by(issuer);
        chain.insert(chain.begin(), issuer);
    }
    chain.insert(chain.begin(), leaf(policies).signed_by(issuer));
    const auto started = std::chrono::steady_clock::now();
    CHECK(errors(Chain(chain, {anchor}).verify([](VerifyInput& input) { input.policy.require_explicit = true; })) ==
          "ok");
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
}
