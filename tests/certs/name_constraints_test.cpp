#include "certs/name_constraints.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

namespace {

using tests::Forge;
using Names = std::vector<certs::ByteVector>;

std::optional<certs::ConstraintEvidence> violation(const Forge& issuer, const Forge& subject) {
    certs::ComparisonBudget budget;
    return certs::violated_constraint(issuer.self_signed().certificate(), subject.self_signed().certificate(), budget);
}

// The constraint that a leaf with `names` (and no subject) breaks; "" when it breaks none.
std::string broken(const Names& permitted, const Names& excluded, const Names& names) {
    const auto found = violation(Forge::root("R").name_constraints(permitted, excluded),
                                 Forge::leaf("x").subject(tests::name({})).names(names));
    return found ? found->name + " against " + found->constraint : "";
}

}  // namespace

TEST_CASE("a DNS subtree is the name itself and all below it") {
    CHECK(certs::dns_within("example.com", "example.com"));
    CHECK(certs::dns_within("a.b.example.com", "example.com"));
    CHECK(broken({tests::dns("example.COM")}, {}, {tests::dns("a.b.EXAMPLE.com")}).empty());
    CHECK_FALSE(certs::dns_within("notexample.com", "example.com"));
    CHECK_FALSE(certs::dns_within("com", "example.com"));
    CHECK(certs::dns_within("anything", ""));
    CHECK(certs::dns_within("a.example.com", ".example.com"));
    CHECK_FALSE(certs::dns_within("example.com", ".example.com"));
}

TEST_CASE("a wildcard is permitted only if all that it stands for is, and excluded if any of it is") {
    CHECK_FALSE(certs::dns_within("example.com", "."));
    CHECK_FALSE(certs::dns_within("*.example.com", "."));
    CHECK(certs::dns_within("*.example.com", "example.com"));
    CHECK_FALSE(certs::dns_within("*.example.com", "a.example.com"));
    CHECK(certs::dns_could_be_within("*.example.com", "a.example.com"));
    CHECK(certs::dns_could_be_within("*.example.com", "example.com"));
    CHECK_FALSE(certs::dns_could_be_within("*.example.com", "b.a.example.com"));
    CHECK_FALSE(certs::dns_could_be_within("*.example.com", "example.org"));
}

TEST_CASE("permitted DNS subtrees bind DNS names alone") {
    const Names permitted{tests::dns("example.com"), tests::dns("example.org")};
    CHECK(
        broken(permitted, {}, {tests::dns("www.example.org"), tests::ip("192.0.2.1"), tests::email("a@b.c")}).empty());
    CHECK(broken(permitted, {}, {tests::dns("www.example.net")}) ==
          "DNS:www.example.net against permitted DNS:example.com, DNS:example.org");
}

TEST_CASE("an excluded subtree wins over a permitted one") {
    CHECK(
        broken({tests::dns("example.com")}, {tests::dns("secret.example.com")}, {tests::dns("a.secret.example.com")}) ==
        "DNS:a.secret.example.com against excluded DNS:secret.example.com");
}

TEST_CASE("a constraint on hosts that no name could match is malformed, so that what it excludes does not pass") {
    const auto parses = [](const Names& excluded) {
        return certs::Certificate::parse(Forge::root("R").name_constraints({}, excluded).self_signed().der).has_value();
    };
    for (const char* const good : {"", "example.com", ".example.com", "com", "a_b.example.com"}) {
        CAPTURE(good);
        CHECK(parses({tests::dns(good)}));
        CHECK(parses({tests::uri(good)}));
    }
    for (const char* const bad :
         {"*.example.com", "example.com.", ".", "..example.com", "a..example.com", "exam ple.com", "*"}) {
        CAPTURE(bad);
        CHECK_FALSE(parses({tests::dns(bad)}));
        CHECK_FALSE(parses({tests::uri(bad)}));
    }
}

TEST_CASE("address constraints are ranges of one family") {
    CHECK(broken({tests::ip("10.0.0.0/8")}, {}, {tests::ip("10.1.2.3")}).empty());
    CHECK(broken({tests::ip("10.0.0.0/8")}, {}, {tests::ip("11.0.0.1")}) ==
          "IP:11.0.0.1 against permitted IP:10.0.0.0/8");
    CHECK(broken({tests::ip("10.0.0.0/8")}, {}, {tests::ip("::1")}) == "IP:::1 against permitted IP:10.0.0.0/8");
    CHECK(broken({}, {tests::ip("2001:db8::/32")}, {tests::ip("2001:db8:1::1")}) ==
          "IP:2001:db8:1::1 against excluded IP:2001:db8::/32");
    CHECK(broken({}, {tests::ip("2001:db8::/32")}, {tests::ip("2001:db9::1")}).empty());
}

TEST_CASE("an e-mail constraint is a mailbox, a host or a domain") {
    CHECK(broken({tests::email("a@example.com")}, {}, {tests::email("a@EXAMPLE.com")}).empty());
    CHECK_FALSE(broken({tests::email("a@example.com")}, {}, {tests::email("A@example.com")}).empty());
    CHECK(broken({tests::email("example.com")}, {}, {tests::email("b@example.com")}).empty());
    CHECK_FALSE(broken({tests::email("example.com")}, {}, {tests::email("b@sub.example.com")}).empty());
    CHECK(broken({tests::email(".example.com")}, {}, {tests::email("b@sub.example.com")}).empty());
    CHECK_FALSE(broken({tests::email(".example.com")}, {}, {tests::email("b@example.com")}).empty());
    CHECK_FALSE(broken({tests::email("*@example.com")}, {}, {tests::email("b@example.com")}).empty());
}

TEST_CASE("a URI constraint is about the host, and an address is outside every one") {
    CHECK(broken({tests::uri("example.com")}, {}, {tests::uri("https://u@example.com:8443/x")}).empty());
    CHECK(broken({tests::uri(".example.com")}, {}, {tests::uri("https://a.example.com")}).empty());
    CHECK_FALSE(broken({tests::uri(".example.com")}, {}, {tests::uri("https://example.com")}).empty());
    CHECK_FALSE(broken({tests::uri("example.com")}, {}, {tests::uri("https://192.0.2.1/")}).empty());
    CHECK_FALSE(broken({}, {tests::uri("example.com")}, {tests::uri("urn:isbn:1")}).empty());
}

TEST_CASE("directory constraints bind the subject and directory names") {
    const Forge issuer = Forge::root("R").name_constraints({tests::directory(tests::name({{"O", "Example"}}))}, {});
    CHECK_FALSE(violation(issuer, Forge::leaf("a").subject({{"O", "EXAMPLE"}, {"CN", "a"}})));
    CHECK(violation(issuer, Forge::leaf("a").subject({{"O", "Other"}, {"CN", "a"}})));
    CHECK(violation(issuer,
                    Forge::leaf("a").subject({{"O", "Example"}}).names({tests::directory(tests::common_name("x"))})));
    CHECK_FALSE(violation(issuer, Forge::leaf("a").subject(tests::name({}))));
}

TEST_CASE("an e-mail address in the subject is bound when no alternative name gives one") {
    const Forge issuer = Forge::root("R").name_constraints({tests::email("example.com")}, {});
    CHECK(violation(issuer, Forge::leaf("a").subject({{"emailAddress", "a@example.org", certs::TextTag::ia5}})));
    CHECK_FALSE(violation(issuer, Forge::leaf("a").subject({{"emailAddress", "a@example.com", certs::TextTag::ia5}})));
}

TEST_CASE("a kind of name that we cannot compare fails closed under a critical constraint, if such a name is there") {
    const Names excluded{tests::registered_id("1.2.3")};
    const Forge with_id = Forge::leaf("a").names({tests::registered_id("1.2.4")});
    CHECK(violation(Forge::root("R").name_constraints({}, excluded), with_id));
    CHECK_FALSE(violation(Forge::root("R").name_constraints({}, excluded, false), with_id));
    CHECK_FALSE(violation(Forge::root("R").name_constraints({}, excluded), Forge::leaf("a.example")));
}

TEST_CASE("more comparisons than the budget allows are not made") {
    Names bases, names;
    for (int i = 0; i < 1100; ++i) {
        bases.push_back(tests::dns(fmt::format("x{}.test", i)));
        names.push_back(tests::dns(fmt::format("t{}.test", i)));
    }
    const auto issuer = Forge::root("R").name_constraints({}, bases).self_signed().certificate();
    const auto subject = Forge::leaf("a").names(names).self_signed().certificate();
    certs::ComparisonBudget budget;
    CHECK_FALSE(certs::violated_constraint(issuer, subject, budget));
    CHECK(budget.exhausted);
}
