#include "certs/verify.h"

#include "tests/certs/usual_chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"

using namespace certs;
using namespace tests;
using namespace tests::usual;

TEST_CASE("a good chain is accepted, and every step of every certificate is recorded") {
    const Verdict verdict = Chain({leaf().signed_by(ca()), ca()}, {root()}).verify();
    CHECK(errors(verdict) == "ok");
    CHECK(remarks(verdict).empty());
    CHECK(path_of(verdict) == "www.example.com < CA < Root");
    CHECK(verdict.paths.front().anchored);
    CHECK(verdict.paths.front().certificates.back().provenance == Provenance::trust_store);
    CHECK(verdict.anchors == 1);
    CHECK(verdict.host == "www.example.com");
    for (const Step step : {Step::path, Step::trust, Step::validity, Step::issuer, Step::name_constraints,
                            Step::basic_constraints, Step::key_usage, Step::critical_extensions, Step::strength}) {
        for (std::size_t depth = 0; depth < 3; ++depth) {
            CAPTURE(certs::name(step), depth);
            CHECK(status(verdict, step, depth) == Status::pass);
        }
    }
    CHECK(status(verdict, Step::signature, 1) == Status::pass);
    CHECK(status(verdict, Step::signature, 2) == Status::skip);
    CHECK(status(verdict, Step::hostname, 0) == Status::pass);
    CHECK_FALSE(status(verdict, Step::hostname, 1));
}

TEST_CASE("steps are in the report's order, then by depth") {
    const Verdict verdict = Chain({leaf().signed_by(ca()), ca()}, {root()}).verify();
    const auto& steps = verdict.paths.front().steps;
    CHECK(std::ranges::is_sorted(steps, {},
                                 [](const StepResult& result) { return std::pair(result.step, result.depth); }));
}

TEST_CASE("dates are inclusive to the second, at every depth") {
    const auto at = [](double not_before, double not_after) {
        return judged(leaf().dates(days_later(not_before), days_later(not_after)));
    };
    const double second = 1.0 / 86'400;
    CHECK(at(0, 10) == "ok");
    CHECK(at(-10, 0) == "ok");
    CHECK(at(second, 10) == "not_yet_valid@0");
    CHECK(at(-10, -second) == "expired@0");
    CHECK(judged_ca(Forge::intermediate("CA").dates(days_later(-100), days_later(-1))) == "expired@1");
    CHECK(judged_root(Forge::root("R").dates(days_later(-100), days_later(-1))) == "expired@1");
    CHECK(judged_root(Forge::root("R").dates(days_later(1), days_later(100))) == "not_yet_valid@1");
}

TEST_CASE("an expired date carries the three times") {
    const Verdict verdict =
        Chain({leaf().dates(days_later(-90), days_later(-1)).signed_by(ca()), ca()}, {root()}).verify();
    REQUIRE(std::holds_alternative<DateEvidence>(verdict.problems.front().evidence));
    CHECK(std::get<DateEvidence>(verdict.problems.front().evidence) ==
          DateEvidence{forge_time, days_later(-90), days_later(-1)});
}

TEST_CASE("a lone self-signed leaf is self_signed, and all other questions are still answered") {
    const Verdict verdict = Chain({leaf().self_signed()}, {root()}).verify();
    CHECK(errors(verdict) == "self_signed@0");
    CHECK(status(verdict, Step::trust, 0) == Status::fail);
    CHECK(status(verdict, Step::signature, 0) == Status::pass);
    CHECK(status(verdict, Step::validity, 0) == Status::pass);
    CHECK(status(verdict, Step::hostname, 0) == Status::pass);
    const Verdict worse =
        Chain({Forge::leaf("other.example").dates(days_later(-90), days_later(-1)).self_signed()}, {root()}).verify();
    CHECK(errors(worse) == "self_signed@0 hostname_mismatch@0 expired@0");
}

TEST_CASE("a self-signed leaf that is trusted is accepted") {
    const Forged own = leaf().self_signed();
    CHECK(errors(Chain({own}, {own}).verify()) == "ok");
    CHECK(errors(Chain({own}, {root(), own}).verify()) == "ok");
}

TEST_CASE("a chain that ends in a root nobody trusts is untrusted_root at the root's depth") {
    const Forged private_root = Forge::root("Private Root").self_signed();
    const Forged private_ca = Forge::intermediate("Private CA").signed_by(private_root);
    const Verdict verdict = Chain({leaf().signed_by(private_ca), private_ca, private_root}, {root()}).verify();
    CHECK(errors(verdict) == "untrusted_root@2");
    REQUIRE(std::holds_alternative<IssuerEvidence>(verdict.problems.front().evidence));
    CHECK(std::get<IssuerEvidence>(verdict.problems.front().evidence).wanted == "CN=Private Root");
}

TEST_CASE("a chain whose issuer is nowhere is unknown_issuer, with the name wanted and where it can be fetched") {
    const Forged hidden = Forge::intermediate("Hidden CA").signed_by(root());
    const Verdict verdict =
        Chain({leaf().issuing_certificate_url({"http://ca.example/hidden.der"}).signed_by(hidden)}, {root()}).verify();
    CHECK(errors(verdict) == "unknown_issuer@0");
    REQUIRE(std::holds_alternative<IssuerEvidence>(verdict.problems.front().evidence));
    CHECK(std::get<IssuerEvidence>(verdict.problems.front().evidence) ==
          IssuerEvidence{"CN=Hidden CA", "", "http://ca.example/hidden.der"});
    CHECK(status(verdict, Step::path, 0) == Status::fail);
    CHECK(status(verdict, Step::trust, 0) == Status::skip);
    CHECK(status(verdict, Step::hostname, 0) == Status::pass);
}

TEST_CASE(
    "an issuer that is nowhere has a likely root: the one that the authority key identifier names, else one of its organisation") {
    const Forged acme = Forge::root("").subject({{"O", "Acme"}, {"CN", "Acme Root"}}).self_signed();
    const Forged hidden = Forge::intermediate("").subject({{"O", "Acme"}, {"CN", "Hidden CA"}}).signed_by(acme);
    const auto told = [&](const Forge& end, const std::vector<Forged>& anchors) {
        const Verdict verdict = Chain({end.signed_by(hidden)}, anchors).verify();
        CHECK(errors(verdict) == "unknown_issuer@0");
        return std::get<IssuerEvidence>(verdict.problems.front().evidence);
    };
    CHECK(told(leaf(), {root()}).kin.empty());
    CHECK(told(leaf(), {root(), acme}).kin == "CN=Acme Root,O=Acme");
    CHECK_FALSE(told(leaf(), {root(), acme}).kin_named);
    // RFC 5280 §4.2.1.1: authorityCertIssuer, [1] of a directory name, is who issued the issuer.
    ByteVector issuer = der_element(tag::context_constructed(1), directory(root().subject));
    const Forge naming = leaf()
                             .authority_key_identifier(std::nullopt)
                             .extension({"2.5.29.35", false, der_element(tag::sequence, issuer)});
    const IssuerEvidence named = told(naming, {acme, root()});
    CHECK(named.kin == "CN=Root");
    CHECK(named.kin_named);
    // The key identifier is the issuer's own, and says nothing about the CA above.
    const Forge by_key = leaf().authority_key_identifier(root().key_identifier);
    CHECK(told(by_key, {root(), acme}).kin == "CN=Acme Root,O=Acme");
    const Forged second = Forge::root("").subject({{"O", "Acme"}, {"CN", "Acme Root 2"}}).self_signed();
    CHECK(told(leaf(), {second, root(), acme}).kin_count == 2);
}

TEST_CASE("an issuer that the server left out and that is known is missing_intermediate, never accepted") {
    const Forged hidden = Forge::intermediate("Hidden CA").signed_by(root());
    const std::vector<PathCertificate> extra{{hidden.certificate(), Provenance::seen_before}};
    const Verdict verdict =
        Chain({leaf().signed_by(hidden)}, {root()}).verify([&](VerifyInput& input) { input.extra = extra; });
    CHECK(errors(verdict) == "missing_intermediate@0");
    CHECK(path_of(verdict) == "www.example.com < Hidden CA < Root");
    CHECK(verdict.paths.front().certificates.at(1).provenance == Provenance::seen_before);
    REQUIRE(std::holds_alternative<IssuerEvidence>(verdict.problems.front().evidence));
    CHECK(std::get<IssuerEvidence>(verdict.problems.front().evidence) == IssuerEvidence{"CN=Hidden CA", "", ""});
}

TEST_CASE(
    "an issuer that was found is missing_intermediate only if the chain verifies with it; else what is wrong is told") {
    const auto found = [](const Forged& issuer, const std::vector<Forged>& anchors, const Forge& end) {
        const std::vector<PathCertificate> extra{{issuer.certificate(), Provenance::aia}};
        return Chain({Forge(end).signed_by(issuer)}, anchors).verify([&](VerifyInput& input) { input.extra = extra; });
    };
    const Forged other = Forge::root("Other").self_signed();
    const Forged elsewhere = Forge::intermediate("Elsewhere").signed_by(other);
    const Verdict nowhere = found(elsewhere, {root()}, leaf());
    CHECK(errors(nowhere) == "unknown_issuer@1");
    CHECK(path_of(nowhere) == "www.example.com < Elsewhere");
    CHECK(errors(found(other, {root()}, leaf())) == "untrusted_root@1");
    const Forged expired = Forge::intermediate("Old CA").dates(days_later(-100), days_later(-1)).signed_by(root());
    CHECK(errors(found(expired, {root()}, leaf())) == "expired@1");
    const Forged limited = Forge::intermediate("Limited").name_constraints({dns("example.org")}, {}).signed_by(root());
    CHECK(errors(found(limited, {root()}, leaf())) == "name_constraint@0");
    // The leaf's own faults are the same on every path, and stay problems of their own.
    const Forged good = Forge::intermediate("Good").signed_by(root());
    CHECK(errors(found(good, {root()}, Forge::leaf("other.example").dates(days_later(-9), days_later(-1)))) ==
          "missing_intermediate@0 hostname_mismatch@0 expired@0");
}

TEST_CASE("a path that leads nowhere leaves the question of trust open for each of its certificates") {
    const Forged lower = Forge::intermediate("Lower").signed_by(ca());
    const Verdict verdict = Chain({leaf().signed_by(lower), lower}, {root()}).verify();
    CHECK(status(verdict, Step::trust, 0) == Status::skip);
    CHECK(status(verdict, Step::trust, 1) == Status::skip);
}

TEST_CASE("a CA that was sent in the place of the issuer is told, as another name or as another key") {
    const auto evidence = [](const Verdict& verdict) {
        return std::get<IssuerEvidence>(verdict.problems.front().evidence);
    };
    const Forged needed = Forge::intermediate("R11").signed_by(root()),
                 sent = Forge::intermediate("R3").signed_by(root());
    const Verdict other_name = Chain({leaf().signed_by(needed), sent}, {root()}).verify();
    CHECK(errors(other_name) == "unknown_issuer@0");
    CHECK(evidence(other_name) == IssuerEvidence{"CN=R11", "CN=R3", ""});

    const Forged namesake = Forge::intermediate("R11").signed_by(root());
    const Verdict other_key = Chain({leaf().signed_by(needed), namesake}, {root()}).verify();
    CHECK(errors(other_key) == "unknown_issuer@0");
    CHECK(remarks(other_key).starts_with("bad_signature@0"));
    CHECK(evidence(other_key).found == "CN=R11");
    CHECK(evidence(other_key).wanted_key == hex(needed.certificate().subject_key_identifier()));
    CHECK(evidence(other_key).found_key == hex(namesake.certificate().subject_key_identifier()));
    // Without key identifiers a wrong key cannot be distinguished from a broken signature: it is
    // only known that this key did not sign.
    const Forged mute = Forge::intermediate("R11").subject_key_identifier(std::nullopt).signed_by(root());
    CHECK(errors(Chain({leaf().signed_by(needed), mute}, {root()}).verify()) == "unknown_issuer@0");

    const std::vector<PathCertificate> extra{{needed.certificate(), Provenance::aia}};
    const Verdict missing =
        Chain({leaf().signed_by(needed), sent}, {root()}).verify([&](VerifyInput& input) { input.extra = extra; });
    CHECK(errors(missing) == "missing_intermediate@0");
    CHECK(evidence(missing) == IssuerEvidence{"CN=R11", "CN=R3", ""});
}

TEST_CASE("an anchor of the issuer's name with another key is told as such") {
    const Forged old = Forge::root("Dev Root").self_signed(), renewed = Forge::root("Dev Root").self_signed();
    for (const auto& served :
         {std::vector{leaf().signed_by(renewed), renewed}, std::vector{leaf().signed_by(renewed)}}) {
        const Verdict verdict = Chain(served, {old}).verify();
        CHECK(errors(verdict) == (served.size() == 2 ? "untrusted_root@1" : "unknown_issuer@0"));
        const auto evidence = std::get<IssuerEvidence>(verdict.problems.front().evidence);
        CHECK(evidence.found == "CN=Dev Root");
        CHECK(evidence.from == Provenance::trust_store);
        CHECK(evidence.found_key == hex(old.certificate().subject_key_identifier()));
    }
}

TEST_CASE("what was seen before changes nothing when the server sent enough") {
    const std::vector<PathCertificate> extra{{ca().certificate(), Provenance::seen_before}};
    CHECK(errors(Chain({leaf().signed_by(ca()), ca()}, {root()}).verify([&](VerifyInput& input) {
              input.extra = extra;
          })) == "ok");
}

TEST_CASE("without an anchor nothing is trusted") {
    CHECK(errors(Chain({leaf().signed_by(ca()), ca(), root()}, {}).verify()) == "untrusted_root@2");
}

TEST_CASE("an issuer must be a CA") {
    CHECK(judged_ca(Forge::intermediate("CA").basic_constraints(false)) == "not_a_ca@1");
    CHECK(judged_ca(Forge::intermediate("CA").no_basic_constraints()) == "not_a_ca@1");
    CHECK(judged_ca(Forge::intermediate("CA").version(std::nullopt).without_extensions()) == "not_a_ca@1");
    CHECK(judged_root(Forge::root("R").basic_constraints(false)) == "not_a_ca@1");
    CHECK(judged_root(Forge::root("R").no_basic_constraints()) == "not_a_ca@1");
}

TEST_CASE("a version 1 root is a CA because it is trusted") {
    CHECK(judged_root(Forge::root("R").version(std::nullopt).without_extensions()) == "ok");
}

TEST_CASE("an issuer's key usage includes keyCertSign, if it is there (RFC 5280 §4.2.1.3)") {
    CHECK(judged_ca(Forge::intermediate("CA").key_usage({Usage::crl_sign})) == "issuer_key_usage@1");
    CHECK(judged_ca(Forge::intermediate("CA").no_key_usage()) == "ok");
    CHECK(judged_root(Forge::root("R").key_usage({Usage::digital_signature})) == "issuer_key_usage@1");
}

TEST_CASE("a path length limits the CAs below, self-issued ones not counted") {
    const Forged limited = Forge::intermediate("Limited").basic_constraints(true, 0).signed_by(root());
    const Forged below = Forge::intermediate("Below").signed_by(limited);
    const Verdict verdict = Chain({leaf().signed_by(below), below, limited}, {root()}).verify();
    CHECK(errors(verdict) == "path_length@2");
    CHECK(std::get<LengthEvidence>(verdict.problems.front().evidence) == LengthEvidence{0, 1});
    const Forged renewed = Forge::intermediate("Limited").basic_constraints(true, 0).signed_by(limited);
    CHECK(errors(Chain({leaf().signed_by(renewed), renewed, limited}, {root()}).verify()) == "ok");
    const Forged strict_root = Forge::root("R").basic_constraints(true, 0).self_signed();
    const Forged under = Forge::intermediate("Under").signed_by(strict_root);
    CHECK(errors(Chain({leaf().signed_by(under), under}, {strict_root}).verify()) == "path_length@2");
}

TEST_CASE("leaf and CAs must allow serverAuth, if they limit their purposes") {
    CHECK(judged(leaf().extended_key_usage({"clientAuth"})) == "wrong_purpose@0");
    CHECK(judged(leaf().no_extended_key_usage()) == "ok");
    CHECK(judged(leaf().extended_key_usage({"any"})) == "ok");
    CHECK(judged_ca(Forge::intermediate("CA").extended_key_usage({"emailProtection", "clientAuth"})) ==
          "wrong_purpose@1");
    CHECK(judged_ca(Forge::intermediate("CA").extended_key_usage({"serverAuth"})) == "ok");
    CHECK(judged_root(Forge::root("R").extended_key_usage({"clientAuth"})) == "wrong_purpose@1");
    const Verdict verdict =
        Chain({leaf().extended_key_usage({"clientAuth", "1.2.3.4"}).signed_by(ca()), ca()}, {root()}).verify();
    CHECK(std::get<PurposeEvidence>(verdict.problems.front().evidence) ==
          PurposeEvidence{"serverAuth", {"clientAuth", "1.2.3.4"}});
}

TEST_CASE("a critical extension that is not understood is refused on the path, and only there") {
    const ForgedExtension unknown{"1.3.6.1.4.1.55738.666.1", true, {0x05, 0x00}};
    CHECK(judged(leaf().extension(unknown)) == "unknown_critical_extension@0");
    CHECK(judged_ca(Forge::intermediate("CA").extension(unknown)) == "unknown_critical_extension@1");
    CHECK(judged_root(Forge::root("R").extension(unknown)) == "unknown_critical_extension@1");
    CHECK(judged(leaf().extension({"1.3.6.1.4.1.55738.666.1", false, {0x05, 0x00}})) == "ok");
    const Forged unrelated = Forge::intermediate("Unrelated").extension(unknown).signed_by(root());
    CHECK(errors(Chain({leaf().signed_by(ca()), ca(), unrelated}, {root()}).verify()) == "ok");
    CHECK(judged(leaf().extension({"1.3.6.1.4.1.11129.2.4.3", true, {0x05, 0x00}})) == "unknown_critical_extension@0");
}

TEST_CASE(
    "a name that is not in the certificate is hostname_mismatch; without alternative names it is told that the common name does not "
    "count") {
    CHECK(judged(Forge::leaf("www.example.org")) == "hostname_mismatch@0");
    CHECK(judged(leaf().no_names()) == "no_subject_alt_name@0");
    CHECK(judged(leaf().names({email("a@b.c")})) == "hostname_mismatch@0");
    const Verdict verdict = Chain({leaf().no_names().signed_by(ca()), ca()}, {root()}).verify();
    CHECK(std::get<NameEvidence>(verdict.problems.front().evidence).common_name == "www.example.com");
}

TEST_CASE("no host means no question about it") {
    Chain chain({Forge::leaf("www.example.org").signed_by(ca()), ca()}, {root()});
    chain.host.clear();
    const Verdict verdict = chain.verify();
    CHECK(errors(verdict) == "ok");
    CHECK(status(verdict, Step::hostname, 0) == Status::skip);
}

TEST_CASE("name constraints of every CA above bind the leaf") {
    const Forged bound = Forge::intermediate("CA").name_constraints({dns("example.org")}, {}).signed_by(root());
    const Verdict verdict = Chain({leaf().signed_by(bound), bound}, {root()}).verify();
    CHECK(errors(verdict) == "name_constraint@0");
    CHECK(std::get<ConstraintEvidence>(verdict.problems.front().evidence) ==
          ConstraintEvidence{"DNS:www.example.com", "permitted DNS:example.org", "CN=CA", {"DNS:www.example.com"}, 1});
    CHECK(judged_root(Forge::root("R").name_constraints({}, {dns("example.com")})) == "name_constraint@0");
}

TEST_CASE("self-issued intermediates are free of name constraints, a self-issued leaf is not") {
    const Forged bound = Forge::root("R").name_constraints({dns("example.com")}, {}).self_signed();
    const Forged renewed = Forge::intermediate("R").names({dns("other.test")}).signed_by(bound);
    CHECK(errors(Chain({leaf().signed_by(renewed), renewed}, {bound}).verify()) == "ok");
    CHECK(errors(Chain({Forge::leaf("www.example.net").subject(tests::common_name("R")).signed_by(bound)}, {bound})
                     .verify()) == "name_constraint@0 hostname_mismatch@0");
}

TEST_CASE("a leaf that cannot be parsed tells the field and the offset") {
    Chain chain({ca()}, {root()});
    chain.served.front() = {0x30, 0x03, 0x02, 0x01};
    const Verdict verdict = chain.verify();
    CHECK(errors(verdict) == "malformed_certificate@0");
    CHECK(std::get<ParseEvidence>(verdict.problems.front().evidence).field == "certificate");
    CHECK(verdict.paths.empty());
    CHECK_FALSE(verdict.accepted());
    CHECK(Chain({}, {root()}).verify().problems.front().code == Code::malformed_certificate);
}

TEST_CASE("a malformed certificate beside a good path is only remarked, in place of one it is the cause") {
    Chain good({leaf().signed_by(ca()), ca(), ca()}, {root()});
    good.served.at(2) = {0x30, 0x00};
    CHECK(errors(good.verify()) == "ok");
    Chain bad({leaf().signed_by(ca()), ca()}, {root()});
    bad.served.at(1) = {0x30, 0x00};
    CHECK(errors(bad.verify()) == "malformed_certificate@1 unknown_issuer@0");
}

TEST_CASE("an issuer that is there and cannot be read is not missing, and not superfluous") {
    // Without a policy in it, certificatePolicies does not meet §4.2.1.4.
    const Forged unreadable = Forge::intermediate("CA").policies({}).signed_by(root());
    const Verdict verdict = Chain({leaf().signed_by(unreadable), unreadable}, {root()}).verify();
    CHECK(errors(verdict) == "malformed_certificate@1 unknown_issuer@0");
    CHECK(remarks(verdict).empty());
    CHECK(std::get<ParseEvidence>(verdict.problems[0].evidence).subject == "CN=CA");
    CHECK(std::get<IssuerEvidence>(verdict.problems[1].evidence).unreadable == 1U);
}

TEST_CASE("what is served in the place of a certificate is told as what it is") {
    const auto instead = [](const ByteVector& der) {
        const std::vector<Bytes> served{der};
        const TrustStore trust;
        const Verdict verdict = certs::verify({served, trust, "", forge_time});
        CHECK(errors(verdict) == "malformed_certificate@0");
        return std::get<ParseEvidence>(verdict.problems.front().evidence).instead;
    };
    CHECK(instead(ListForge{}.signed_by(root())) == "a certificate revocation list (CRL)");
    const Certificate certificate = root().certificate();
    const Bytes key = certificate.public_key().der;
    CHECK(instead({key.begin(), key.end()}) == "a public key");
    CHECK(instead(der_sequence({der_integer(1)})).empty());
}

TEST_CASE("more than 256 certificates are counted, though the first 256 are looked at") {
    std::vector<Forged> served{leaf().signed_by(ca())};
    served.resize(300, ca());
    const Verdict verdict = Chain(served, {root()}).verify();
    CHECK(verdict.served.size() == 256);
    CHECK(verdict.sent() == 300);
}

TEST_CASE("a name of more than 512 attributes is a name") {
    const std::vector<Attribute> many(600, Attribute{"OU", "unit"});
    CHECK(judged(leaf().subject(many)) == "ok");
    CHECK(judged_ca(Forge::intermediate("CA").subject(many)) == "ok");
}

TEST_CASE("a certificate with the name and the key of an anchor ends at that anchor (RFC 5280 §6.1.1 d)") {
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    const auto dev = [&](int serial, double end) {
        return Forge::leaf("dev.example")
            .subject(common_name("dev.example"))
            .key(key)
            .serial(serial)
            .basic_constraints(true)
            .no_key_usage()
            .dates(days_later(-1), days_later(end));
    };
    const Forged old = dev(1, 10).self_signed(), renewed = dev(2, 90).self_signed();
    for (const auto& [served, trusted] : {std::pair(renewed, old), std::pair(old, renewed)}) {
        Chain chain({served}, {trusted});
        chain.host = "dev.example";
        const Verdict verdict = chain.verify();
        CHECK(errors(verdict) == "ok");
        CHECK(path_of(verdict) == "dev.example < dev.example");
    }
    // A certificate that is not a CA's, or has another key, is not such an anchor.
    Chain no_ca({renewed}, {dev(1, 10).basic_constraints(false).self_signed()});
    CHECK(errors(no_ca.verify()).starts_with("self_signed@0"));
    Chain other({renewed}, {dev(1, 10).key(KeyType::p256).self_signed()});
    CHECK(errors(other.verify()).starts_with("self_signed@0"));
}

TEST_CASE("a CA without a name is none") {
    const Forged nameless = Forge::root("R").subject(tests::name({})).issuer(tests::name({})).self_signed();
    CHECK(errors(Chain({leaf().signed_by(nameless)}, {nameless}).verify()) == "malformed_certificate@1");
}

TEST_CASE("an anchor that is only a name and a key is judged as that") {
    const Forged old = Forge::root("R").dates(days_later(-100), days_later(-1)).basic_constraints(false).self_signed();
    const Chain chain({leaf().signed_by(old)}, {old});
    CHECK(errors(chain.verify()) == "not_a_ca@1 expired@1");
    CHECK(errors(chain.verify([](VerifyInput& input) { input.anchor_rules = {false, false, false}; })) == "ok");
    CHECK(errors(chain.verify([](VerifyInput& input) { input.anchor_rules.dates = false; })) == "not_a_ca@1");
}
