// What verifies but is refused by other clients: a warning that names them. What is only a rule
// stays a notice.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inspect/diagnosis/known/enforcement.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

using tests::Forge;

constexpr std::string_view authority_key = "2.5.29.35", subject_key = "2.5.29.14";

Diagnosis of(const Forge& root, const Forge& leaf) {
    const auto anchor = root.self_signed();
    return explain(tests::judged(tests::attempt_at(), {leaf.signed_by(anchor)}, anchor));
}

const Elsewhere* said_by(const Diagnosis& diagnosis, std::string_view client) {
    const auto found = std::ranges::find(diagnosis.elsewhere, client, &Elsewhere::client);
    return found == diagnosis.elsewhere.end() ? nullptr : &*found;
}

void refused_by_python(const Diagnosis& diagnosis, std::string_view message) {
    INFO(diagnosis.title);
    CHECK(diagnosis.outcome == Outcome::warning);
    CHECK(diagnosis.code == Code::profile_violation);
    CHECK(diagnosis.title.starts_with("ok, but refused by Python 3.13 and later: "));
    const Elsewhere* python = said_by(diagnosis, "Python 3.13 and later");
    REQUIRE(python != nullptr);
    // A certificate below a root without a key identifier does not have its issuer's either: the
    // rules come one by one.
    CHECK(std::ranges::any_of(diagnosis.problems, [&](const Problem& problem) {
        return std::ranges::any_of(problem.refused_by,
                                   [&](const Elsewhere& each) { return each.text.ends_with(message); });
    }));
    CHECK(diagnosis.detail.find("no client") == std::string::npos);
}

}  // namespace

TEST_CASE("a self-signed certificate that is trusted itself has no CA of its name, whatever else is wrong with it") {
    const auto own = Forge::leaf("api.example.com").no_names().authority_key_identifier(std::nullopt).self_signed();
    const Diagnosis found = explain(tests::judged(tests::attempt_at(), {own}, own));
    CHECK(found.code == Code::no_subject_alt_name);
    for (const Problem& problem : found.problems) CHECK_FALSE(problem.title.contains("both called"));
}

TEST_CASE("a rule that Python 3.13 enforces is a warning that names it and what it prints") {
    const Forge root = Forge::root("Root"), leaf = Forge::leaf("api.example.com");
    refused_by_python(of(root, Forge(leaf).without(authority_key)), "Missing Authority Key Identifier");
    refused_by_python(of(Forge(root).without(subject_key), leaf), "Missing Subject Key Identifier");
    refused_by_python(of(Forge(root).basic_constraints(true, std::nullopt, false), leaf),
                      "Basic Constraints of CA cert not marked critical");
    refused_by_python(of(Forge(root).no_key_usage(), leaf), "CA cert does not include key usage extension");
    refused_by_python(of(Forge(root).basic_constraints(true, 0).no_key_usage(), leaf),
                      "Path length given without key usage keyCertSign");
    refused_by_python(of(root, Forge(leaf).key_usage({tests::Usage::digital_signature, tests::Usage::key_cert_sign})),
                      "Key usage keyCertSign invalid for non-CA cert");
    refused_by_python(of(root, Forge(leaf).basic_constraints(false, 1)), "Path length invalid for non-CA cert");
}

TEST_CASE(
    "a CA's certificate that serves as a server's own is refused by Firefox and rustls, and is under a CA's rules elsewhere") {
    const Forge root = Forge::root("Root");
    const Forge leaf =
        Forge::leaf("api.example.com").basic_constraints(true).key_usage({tests::Usage::digital_signature});
    const Diagnosis found = of(root, leaf);
    CHECK(found.title.starts_with("ok, but refused by Firefox and rustls: "));
    REQUIRE(said_by(found, "Firefox") != nullptr);
    CHECK(said_by(of(root, Forge(leaf).no_key_usage()), "Python 3.13 and later") != nullptr);
    CHECK(said_by(of(root, Forge(leaf).without(subject_key)), "Python 3.13 and later") != nullptr);
}

TEST_CASE(
    "a server's key that may neither sign nor encipher nor agree is refused by OpenSSL's programs and Java, and by Go not") {
    using tests::Usage;
    for (const auto& usage :
         {std::vector{Usage::key_cert_sign, Usage::crl_sign}, {Usage::non_repudiation}, {Usage::data_encipherment}})
        for (const bool ca : {false, true}) {
            const Diagnosis found =
                of(Forge::root("Root"), Forge::leaf("api.example.com").basic_constraints(ca).key_usage(usage));
            INFO(found.title);
            CHECK(found.outcome == Outcome::warning);
            for (const char* client : {"curl (OpenSSL)", "Node, Postman", "Python (ssl)", "Java"})
                CHECK(said_by(found, client) != nullptr);
            CHECK(said_by(found, "Go") == nullptr);
        }
    for (const Usage enough : {Usage::digital_signature, Usage::key_encipherment, Usage::key_agreement})
        CHECK(of(Forge::root("Root"), Forge::leaf("api.example.com").key_usage({enough})).outcome == Outcome::ok);
}

TEST_CASE(
    "an empty subject whose alternative names are not critical is refused by Java and Python 3.13, each in its words") {
    const Diagnosis diagnosis =
        of(Forge::root("Root"),
           Forge::leaf("api.example.com").subject(tests::name({})).names({tests::dns("api.example.com")}));
    CHECK(diagnosis.title.starts_with("ok, but refused by Java and Python 3.13 and later: "));
    REQUIRE(said_by(diagnosis, "Java") != nullptr);
    CHECK(said_by(diagnosis, "Java")->text.ends_with("Failed to parse server certificates"));
}

TEST_CASE(
    "a serial number below zero is refused by Go since 1.23, and one that is zero or long by none that was tried") {
    const Forge root = Forge::root("Root"), leaf = Forge::leaf("api.example.com");
    const Diagnosis negative = of(root, Forge(leaf).serial(-5));
    CHECK(negative.title.starts_with("ok, but refused by Go 1.23 and later: "));
    CHECK(said_by(negative, "Go 1.23 and later") != nullptr);
    const Diagnosis zero = of(root, Forge(leaf).serial(0));
    CHECK(zero.outcome == Outcome::ok);
    CHECK(zero.problems.front().detail.find("Go 1.19 and Python 3.12 and 3.13 accept it (tried)") != std::string::npos);
}

TEST_CASE("any purpose is not OpenSSL's purpose of a server, and in a CA's certificate not GnuTLS's") {
    const std::vector<std::string> any{"2.5.29.37.0"}, both{"2.5.29.37.0", "1.3.6.1.5.5.7.3.1"};
    const auto root = Forge::root("Root").self_signed();
    const auto below = [&](const std::vector<std::string>& purposes) {
        const auto between = Forge::intermediate("Between").extended_key_usage(purposes).signed_by(root);
        return explain(
            tests::judged(tests::attempt_at(), {Forge::leaf("api.example.com").signed_by(between), between}, root));
    };
    const Diagnosis leaf = of(Forge::root("Root"), Forge::leaf("api.example.com").extended_key_usage(any)),
                    issuer = below(any);
    for (const Diagnosis* each : {&leaf, &issuer}) {
        INFO(each->title);
        CHECK(each->outcome == Outcome::warning);
        REQUIRE(said_by(*each, "curl (OpenSSL)") != nullptr);
        CHECK_FALSE(said_by(*each, "curl (OpenSSL)")->accepts);
        CHECK(said_by(*each, "Go") == nullptr);
    }
    CHECK(said_by(leaf, "GnuTLS") == nullptr);
    CHECK(said_by(issuer, "GnuTLS") != nullptr);
    CHECK(said_by(of(Forge::root("Root"), Forge::leaf("api.example.com").extended_key_usage(both)), "curl (OpenSSL)") ==
          nullptr);
    CHECK(said_by(below(both), "curl (OpenSSL)") == nullptr);
}

TEST_CASE(
    "a certificate of its CA's name is taken for self-signed only where key, signature and identifiers allow it") {
    const auto warned = [](const Forge& root, const Forge& leaf) {
        const Diagnosis diagnosis = of(root, leaf);
        const Elsewhere* node = said_by(diagnosis, "Node, Postman");
        return diagnosis.outcome == Outcome::warning && node != nullptr && node->error == "DEPTH_ZERO_SELF_SIGNED_CERT";
    };
    const Forge root = Forge::root("api.example.com"), leaf = Forge::leaf("api.example.com").without(authority_key);
    CHECK(warned(root, leaf));
    CHECK(warned(Forge(root).key(tests::KeyType::rsa2048), Forge(leaf).key(tests::KeyType::rsa2048)));
    CHECK_FALSE(warned(Forge(root).key(tests::KeyType::rsa2048), leaf));
    CHECK_FALSE(warned(root, Forge(leaf).key(tests::KeyType::rsa2048)));
    CHECK_FALSE(warned(Forge::root("Another CA"), leaf));
}

TEST_CASE("what OpenSSL takes for self-signed it asks for no further rule: Python is named once") {
    const Diagnosis diagnosis =
        of(Forge::root("api.example.com").without(subject_key), Forge::leaf("api.example.com").without(authority_key));
    CHECK(diagnosis.title.starts_with("ok, but refused by curl, Python and Node: "));
    REQUIRE(said_by(diagnosis, "Python (ssl)") != nullptr);
    CHECK(said_by(diagnosis, "Python (ssl)")->text.ends_with("self-signed certificate"));
    CHECK(said_by(diagnosis, "Python 3.13 and later") == nullptr);
}

TEST_CASE("a chain that keeps the rules is fine, and nobody is said to refuse it") {
    const Diagnosis diagnosis = of(Forge::root("Root"), Forge::leaf("api.example.com"));
    CHECK(diagnosis.outcome == Outcome::ok);
    CHECK(diagnosis.elsewhere.empty());
}

TEST_CASE("a Diffie-Hellman group under 2048 bits is a warning that names who refuses it, and one of 2048 none") {
    const auto with_group = [](std::optional<std::size_t> bits) {
        const auto root = Forge::root("Root").self_signed();
        auto attempt = tests::judged(tests::attempt_at(), {Forge::leaf("api.example.com").signed_by(root)}, root);
        attempt.handshake = tls::Handshake{.version = "TLSv1.2",
                                           .cipher = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                                           .group = {},
                                           .alpn = {},
                                           .sni = {},
                                           .dh_bits = bits};
        return explain(attempt);
    };
    const std::size_t bits = GENERATE(1024, 1536, 2047);
    const Diagnosis small = with_group(bits);
    CHECK(small.outcome == Outcome::warning);
    CHECK(small.code == Code::weak_dh);
    CHECK(small.title ==
          fmt::format("ok, but refused by curl, Python and Node 24: the Diffie-Hellman group has {} bits", bits));
    for (const std::string_view client : {"curl (OpenSSL)", "Python (ssl)", "Node 24 and later"}) {
        REQUIRE(said_by(small, client) != nullptr);
        CHECK(said_by(small, client)->text.find("dh key too small") != std::string::npos);
    }
    CHECK(said_by(small, "Java") == nullptr);
    CHECK(with_group(2048).outcome == Outcome::ok);
    CHECK(with_group(std::nullopt).outcome == Outcome::ok);
}

TEST_CASE("a certificate that is trusted by itself is asked for no key identifier") {
    const auto lone = Forge::leaf("api.example.com").without(authority_key).without(subject_key).self_signed();
    const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {lone}, lone));
    for (const Problem& problem : diagnosis.problems) CHECK(problem.refused_by.empty());
}

TEST_CASE("a rule that was tried and is let pass says who let it pass, and is a notice") {
    const Diagnosis diagnosis = of(Forge::root("Root"), Forge::leaf("api.example.com").no_extended_key_usage());
    CHECK(diagnosis.outcome == Outcome::ok);
    REQUIRE_FALSE(diagnosis.problems.empty());
    CHECK(diagnosis.problems.front().detail.find("(tried)") != std::string::npos);
}

TEST_CASE("an error comes before what other clients would refuse, and is not called ok") {
    const Diagnosis diagnosis =
        of(Forge::root("Root"),
           Forge::leaf("api.example.com").without(authority_key).dates(tests::days_later(-90), tests::days_later(-3)));
    CHECK(diagnosis.code == Code::expired);
    for (const Problem& problem : diagnosis.problems) CHECK_FALSE(problem.title.starts_with("ok, but"));
    CHECK(said_by(diagnosis, "Python 3.13 and later") == nullptr);
}

TEST_CASE(
    "an underscore that a wildcard stands for is refused by Python and Java, and one that is listed by name by Java") {
    const auto root = Forge::root("Root").self_signed();
    const auto judge = [&](const char* name) {
        Attempt attempt = tests::attempt_at();
        attempt.host = "a_b.example.com";
        return explain(tests::judged(attempt, {Forge::leaf("x").names({tests::dns(name)}).signed_by(root)}, root));
    };
    const Diagnosis wildcard = judge("*.example.com");
    CHECK(wildcard.outcome == Outcome::warning);
    REQUIRE(said_by(wildcard, "Python (ssl)") != nullptr);
    CHECK(said_by(wildcard, "Python (ssl)")->text.ends_with("certificate is not valid for 'a_b.example.com'."));
    CHECK(said_by(wildcard, "Java") != nullptr);
    const Diagnosis listed = judge("A_b.example.com");
    CHECK(said_by(listed, "Python (ssl)") == nullptr);
    REQUIRE(said_by(listed, "Java") != nullptr);
    CHECK(said_by(listed, "Java")->text ==
          "javax.net.ssl.SSLHandshakeException: Illegal given domain name: a_b.example.com");
}

TEST_CASE("every row of the table of enforcement has a client and its words") {
    for (const Enforcement& row : enforcements()) {
        CHECK_FALSE(row.client.empty());
        CHECK_FALSE(row.text.empty());
        CHECK_FALSE(who_refuses(row.rule, "a_b.example.com").empty());
    }
}

TEST_CASE("a certificate whose predecessor is trusted is told so where OpenSSL wants the certificate itself") {
    const auto& key = tests::pooled_key(tests::KeyType::p256, 3);
    const Forge own = Forge::leaf("api.example.com").key(key);
    const auto old = Forge(own).serial(1).basic_constraints(true).no_key_usage().self_signed();
    for (const Forge& renewed :
         {Forge(own).serial(2), Forge(own).serial(2).without(authority_key).without(subject_key)}) {
        const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {renewed.self_signed()}, old));
        INFO(diagnosis.title);
        CHECK(diagnosis.title.starts_with(
            "ok, but refused by curl, Python and Node: another certificate of its name and key is trusted"));
        CHECK_FALSE(diagnosis.detail.contains("Another key"));
        CHECK(diagnosis.problems.front().fixes.front().actor == Actor::client);
        REQUIRE(said_by(diagnosis, "Node, Postman") != nullptr);
        CHECK(said_by(diagnosis, "Node, Postman")->error == "DEPTH_ZERO_SELF_SIGNED_CERT");
    }
    CHECK_FALSE(explain(tests::judged(tests::attempt_at(), {old}, old)).title.contains("curl"));
}
