#include "certs/name.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

namespace {

certs::DistinguishedName parsed(const certs::ByteVector& der) {
    // Names are views; the test's names live as long as the process.
    static std::vector<std::unique_ptr<certs::ByteVector>> kept;
    kept.push_back(std::make_unique<certs::ByteVector>(der));
    certs::DerContext context(*kept.back());
    certs::DerReader reader(*kept.back(), context);
    certs::DistinguishedName name = certs::DistinguishedName::read(reader);
    REQUIRE_FALSE(context.failed());
    return name;
}
certs::DistinguishedName named(const std::vector<tests::Attribute>& attributes) {
    return parsed(tests::name(attributes));
}

}  // namespace

TEST_CASE("a distinguished name prints least significant first, its special characters escaped (RFC 4514)") {
    CHECK(named({{"C", "US"}, {"O", "Example, Inc."}, {"CN", "www.example.com"}}).rfc4514() ==
          "CN=www.example.com,O=Example\\, Inc.,C=US");
    CHECK(named({{"CN", " #a+b\"<c>;\\ "}}).rfc4514() == "CN=\\ #a\\+b\\\"\\<c\\>\\;\\\\\\ ");
    CHECK(named({{"1.2.3.4", "x"}}).rfc4514() == "1.2.3.4=x");
    CHECK(named({}).rfc4514().empty());
}

TEST_CASE(
    "names are equal whatever the string type, the case of letters and the amount of white space (RFC 5280 §7.1)") {
    const auto name = named({{"O", "Example Inc"}, {"CN", "Root"}});
    CHECK(name == named({{"O", "EXAMPLE   inc", certs::TextTag::printable}, {"CN", " root "}}));
    CHECK(named({{"CN", "\xC3\x89toile"}}) == named({{"CN", "\xC3\xA9toile"}}));
    CHECK_FALSE(name == named({{"CN", "Root"}, {"O", "Example Inc"}}));
    CHECK_FALSE(name == named({{"O", "Example Inc"}, {"CN", "Roots"}}));
    CHECK_FALSE(name == named({{"O", "Example Inc"}}));
    CHECK_FALSE(named({{"CN", "a"}}) == named({{"OU", "a"}}));
}

TEST_CASE("a name that holds another's spelling inside a value is not that name") {
    CHECK_FALSE(named({{"CN", "a"}, {"CN", "b"}}) == named({{"CN", "a,CN=b"}}));
    CHECK_FALSE(named({{"CN", "ab"}}).is_within(named({{"CN", "a"}})));
}

TEST_CASE("a directory subtree holds the names that begin with its relative names") {
    const auto base = named({{"C", "US"}, {"O", "Example"}});
    CHECK(named({{"C", "us"}, {"O", "example"}, {"CN", "x"}}).is_within(base));
    CHECK(base.is_within(base));
    CHECK_FALSE(named({{"C", "US"}}).is_within(base));
    CHECK_FALSE(named({{"O", "Example"}, {"C", "US"}}).is_within(base));
    CHECK(base.is_within(named({})));
}

TEST_CASE("addresses print as RFC 5952 says") {
    const auto text = [](std::string_view address) {
        const certs::ByteVector name = tests::ip(address);
        return certs::address_text(certs::Bytes(name).subspan(2));
    };
    CHECK(text("192.0.2.1") == "192.0.2.1");
    CHECK(text("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
    CHECK(text("::1") == "::1");
    CHECK(text("::") == "::");
    CHECK(text("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
    CHECK(text("fe80::") == "fe80::");
}

TEST_CASE("general names print with their kind") {
    const auto leaf =
        tests::Forge::leaf("a.example")
            .names({tests::dns("a.example"), tests::ip("192.0.2.1"), tests::email("a@b.c"), tests::uri("urn:x"),
                    tests::directory(tests::common_name("Box")), tests::registered_id("1.2.3")})
            .self_signed()
            .certificate();
    std::vector<std::string> texts;
    for (const auto& name : leaf.subject_alt_names()) texts.push_back(certs::text(name));
    CHECK(texts == std::vector<std::string>{"DNS:a.example", "IP:192.0.2.1", "email:a@b.c", "URI:urn:x",
                                            "dirName:CN=Box", "RID:1.2.3"});
}
