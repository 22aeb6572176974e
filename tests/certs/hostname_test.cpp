#include "certs/hostname.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

namespace {

using certs::NearMissReason;
using tests::Forge;

certs::Certificate named(const std::vector<certs::ByteVector>& names) {
    return Forge::leaf("unused.example").names(names).self_signed().certificate();
}

bool matches(const std::vector<certs::ByteVector>& names, std::string_view host) {
    return certs::certificate_matches(named(names), certs::parse_host(host));
}

certs::NearMiss nearest(const std::vector<certs::ByteVector>& names, std::string_view host) {
    return certs::name_evidence(named(names), certs::parse_host(host)).nearest.value_or(certs::NearMiss{});
}

}  // namespace

TEST_CASE("a host name is compared without regard to case and one trailing dot") {
    CHECK(matches({tests::dns("WWW.Example.com")}, "www.eXample.COM"));
    CHECK(matches({tests::dns("www.example.com")}, "www.example.com."));
    CHECK_FALSE(matches({tests::dns("www.example.com")}, "www.example.com.."));
    CHECK_FALSE(matches({tests::dns("www.example.com.")}, "www.example.com"));
    CHECK(matches({tests::dns("localhost")}, "localhost"));
    CHECK_FALSE(matches({tests::dns("")}, ""));
}

TEST_CASE("any of several names is enough") {
    CHECK(matches({tests::dns("a.example"), tests::email("x@y.z"), tests::dns("b.example")}, "b.example"));
}

TEST_CASE("a wildcard is the whole left-most label and stands for exactly one label (RFC 9525 §6.3)") {
    CHECK(certs::dns_matches("*.example.com", "a.example.com"));
    CHECK(certs::dns_matches("*.example.com", "xn--mnchen-3ya.example.com"));
    CHECK_FALSE(certs::dns_matches("*.example.com", "example.com"));
    CHECK_FALSE(certs::dns_matches("*.example.com", "a.b.example.com"));
    CHECK_FALSE(certs::dns_matches("*.example.com", ".example.com"));
    CHECK_FALSE(certs::dns_matches("a*.example.com", "ab.example.com"));
    CHECK_FALSE(certs::dns_matches("*a.example.com", "ba.example.com"));
    CHECK_FALSE(certs::dns_matches("a.*.example.com", "a.b.example.com"));
    CHECK_FALSE(certs::dns_matches("*.*.example.com", "a.b.example.com"));
    CHECK_FALSE(certs::dns_matches("**.example.com", "a.example.com"));
}

TEST_CASE("a wildcard for a top-level domain or for everything matches nothing") {
    CHECK_FALSE(certs::dns_matches("*", "example"));
    CHECK_FALSE(certs::dns_matches("*.", "example."));
    CHECK_FALSE(certs::dns_matches("*.com", "example.com"));
}

TEST_CASE("a host with characters that no name has matches nothing") {
    CHECK_FALSE(certs::dns_matches("a b.example", "a b.example"));
    CHECK_FALSE(certs::dns_matches(std::string_view("a\0.example", 10), std::string_view("a\0.example", 10)));
    CHECK_FALSE(certs::dns_matches(std::string_view("good.example\0.evil.example", 26), "good.example"));
    CHECK(certs::dns_matches("under_score.example", "under_score.example"));
}

TEST_CASE("U-labels in the host become A-labels") {
    CHECK(certs::parse_host("M\xC3\xBCnchen.example").text == "xn--mnchen-3ya.example");
    CHECK(matches({tests::dns("xn--mnchen-3ya.example")}, "m\xC3\xBCnchen.example"));
    CHECK(certs::parse_host("fa\xC3\x9F.example").text == "xn--fa-hia.example");
}

TEST_CASE("an address matches only an address, in any of its spellings") {
    CHECK(matches({tests::ip("192.0.2.1")}, "192.0.2.1"));
    CHECK(matches({tests::ip("2001:db8::1")}, "2001:0DB8:0:0:0:0:0:1"));
    CHECK(matches({tests::ip("2001:db8::1")}, "[2001:db8::1]"));
    CHECK(matches({tests::ip("fe80::1")}, "fe80::1%eth0"));
    CHECK_FALSE(matches({tests::ip("192.0.2.1")}, "192.0.2.2"));
    CHECK_FALSE(matches({tests::dns("192.0.2.1")}, "192.0.2.1"));
    CHECK_FALSE(matches({tests::dns("*.0.2.1")}, "192.0.2.1"));
    CHECK(certs::parse_host("[2001:DB8::1]").text == "2001:db8::1");
    CHECK_FALSE(certs::parse_host("192.0.2.01").is_address);
    CHECK_FALSE(certs::parse_host("192.0.2").is_address);
}

TEST_CASE("the common name never matches") {
    const auto certificate = Forge::leaf("www.example.com").no_names().self_signed().certificate();
    CHECK_FALSE(certs::certificate_matches(certificate, certs::parse_host("www.example.com")));
}

TEST_CASE("the near miss tells the one reason") {
    CHECK(nearest({tests::dns("*.example.com")}, "a.b.example.com") ==
          certs::NearMiss{"*.example.com", NearMissReason::wildcard_one_label});
    CHECK(nearest({tests::dns("*.example.com")}, "example.com") ==
          certs::NearMiss{"*.example.com", NearMissReason::wildcard_not_apex});
    CHECK(nearest({tests::dns("example.com")}, "www.example.com") ==
          certs::NearMiss{"example.com", NearMissReason::apex_not_subdomain});
    CHECK(nearest({tests::dns("www.example.com")}, "example.com") ==
          certs::NearMiss{"www.example.com", NearMissReason::subdomain_not_apex});
    CHECK(nearest({tests::dns("api*.example.com")}, "api2.example.com") ==
          certs::NearMiss{"api*.example.com", NearMissReason::partial_wildcard});
    CHECK(nearest({tests::dns("a.example.com")}, "192.0.2.1") ==
          certs::NearMiss{"a.example.com", NearMissReason::address_against_dns});
    CHECK(nearest({tests::ip("192.0.2.1")}, "a.example.com") ==
          certs::NearMiss{"192.0.2.1", NearMissReason::dns_against_address});
    CHECK(nearest({tests::dns("192.0.2.1")}, "192.0.2.1") ==
          certs::NearMiss{"192.0.2.1", NearMissReason::address_as_dns});
    CHECK(nearest({tests::dns("m\xC3\xBCnchen.example")}, "xn--mnchen-3ya.example") ==
          certs::NearMiss{"m\xC3\xBCnchen.example", NearMissReason::unicode_label});
    CHECK(nearest({tests::dns("www.exmaple.com")}, "www.example.com") ==
          certs::NearMiss{"www.exmaple.com", NearMissReason::typo, 2});
    CHECK(nearest({tests::dns("api.exampel.com"), tests::dns("api.example.co")}, "api.example.com") ==
          certs::NearMiss{"api.example.co", NearMissReason::typo, 1});
    CHECK(nearest({tests::dns("cloudfront.net"), tests::dns("*.cloudfront.net")}, "api.example.com").reason ==
          NearMissReason::none);
}

TEST_CASE("the nearest of several names is the one that is told") {
    const auto miss =
        nearest({tests::dns("other.test"), tests::dns("*.example.com"), tests::dns("example.com")}, "a.b.example.com");
    CHECK(miss.name == "*.example.com");
}

TEST_CASE("the evidence of a mismatch lists at most a hundred names and counts all") {
    std::vector<certs::ByteVector> names;
    for (int i = 0; i < 10'000; ++i) names.push_back(tests::dns(fmt::format("host{}.example.com", i)));
    const certs::NameEvidence evidence = certs::name_evidence(named(names), certs::parse_host("www.example.org"));
    CHECK(evidence.names.size() == 100);
    CHECK(evidence.names_total == 10'000);
    CHECK(evidence.asked == "www.example.org");
    CHECK(evidence.common_name == "unused.example");
}

TEST_CASE("a dNSName that holds the name asked for and something else is no misspelling: what else it holds is told") {
    struct Row {
        std::string presented;
        NearMissReason reason;
    };
    const std::vector<Row> rows = {{" api.example.com", NearMissReason::blank_around},
                                   {"api.example.com\n", NearMissReason::blank_around},
                                   {"'api.example.com'", NearMissReason::quotes_around},
                                   {"DNS:api.example.com", NearMissReason::type_inside},
                                   {"dns: *.example.com", NearMissReason::type_inside},
                                   {"api.example.com, www.example.com", NearMissReason::several_in_one},
                                   {"www.example.com DNS:api.example.com", NearMissReason::several_in_one},
                                   {"https://api.example.com", NearMissReason::url},
                                   {"https://api.example.com:443/v1?x#y", NearMissReason::url},
                                   {"//api.example.com", NearMissReason::url},
                                   {"api.example.com/", NearMissReason::path_inside},
                                   {"admin@api.example.com", NearMissReason::user_inside},
                                   {"API.example.com:8443", NearMissReason::port_inside},
                                   {"api%2Eexample.com", NearMissReason::percent_encoded},
                                   {"api%2eexample.com.", NearMissReason::percent_encoded},
                                   {"api.example.com.", NearMissReason::final_dot},
                                   {"*.example.com.", NearMissReason::final_dot},
                                   {".example.com", NearMissReason::leading_dot},
                                   {std::string("api.example.com\0.example.org", 28), NearMissReason::nul_inside},
                                   {std::string("api.example.com\0", 16), NearMissReason::nul_inside},
                                   {"api.exam\xE2\x80\x8Bple.com", NearMissReason::unseen_characters},
                                   {"\xEF\xBB\xBF"
                                    "api.example.com",
                                    NearMissReason::unseen_characters},
                                   {"api.*.com", NearMissReason::inner_wildcard},
                                   {"*.*.com", NearMissReason::inner_wildcard},
                                   {"ap*.example.com", NearMissReason::partial_wildcard},
                                   {"*", NearMissReason::broad_wildcard}};
    for (const Row& row : rows) {
        INFO(row.presented);
        CHECK_FALSE(certs::dns_matches(row.presented, "api.example.com"));
        CHECK(nearest({tests::dns(row.presented)}, "api.example.com") == certs::NearMiss{row.presented, row.reason});
    }
    CHECK(nearest({tests::dns("*.com")}, "example.com").reason == NearMissReason::broad_wildcard);
    CHECK(nearest({tests::dns("*.com")}, "api.example.com").reason == NearMissReason::wildcard_one_label);
    CHECK(nearest({tests::dns("*.m\xC3\xBCnchen.example")}, "www.xn--mnchen-3ya.example").reason ==
          NearMissReason::unicode_label);
    CHECK(nearest({tests::dns(std::string(64, 'a') + ".example")}, std::string(64, 'a') + ".example").reason ==
          NearMissReason::no_host_name);
    CHECK(nearest({tests::uri("https://api.example.com/")}, "api.example.com") ==
          certs::NearMiss{"URI:https://api.example.com/", NearMissReason::other_kind});
    CHECK(nearest({tests::email("api.example.com")}, "api.example.com").reason == NearMissReason::other_kind);
    CHECK(nearest({tests::email("admin@api.example.com")}, "api.example.com").reason == NearMissReason::none);
}

TEST_CASE("an address in a dNSName is no iPAddress, whatever stands around it") {
    for (const std::string text :
         {"192.0.2.1", " 192.0.2.1", "IP:192.0.2.1", "https://192.0.2.1:8443/", "192.0.2.1:443", "192.0.2.1."})
        CHECK(nearest({tests::dns(text)}, "192.0.2.1") == certs::NearMiss{text, NearMissReason::address_as_dns});
    for (const std::string text :
         {"2001:db8::1", "[2001:DB8:0::1]", "[2001:db8::1]:443", "https://[2001:db8::1]/", "IP:2001:db8::1"})
        CHECK(nearest({tests::dns(text)}, "2001:db8::1") == certs::NearMiss{text, NearMissReason::address_as_dns});
    CHECK(nearest({tests::dns("192.0.2.2")}, "192.0.2.1").reason == NearMissReason::address_against_dns);
    CHECK(nearest({tests::ip("::ffff:192.0.2.1")}, "192.0.2.1").reason == NearMissReason::mapped_address);
    CHECK(nearest({tests::ip("192.0.2.1")}, "::ffff:192.0.2.1").reason == NearMissReason::mapped_address);
}
