#include "certs/path_builder.h"

#include <algorithm>

#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

Forge leaf() { return Forge::leaf("www.example.com"); }
PrivateKey fresh_key() { return PrivateKey::generate(PrivateKeyKind::ec_p256); }

}  // namespace

TEST_CASE("the order of intermediates never changes the verdict") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged first = Forge::intermediate("First").basic_constraints(true).signed_by(root);
    const Forged second = Forge::intermediate("Second").basic_constraints(true).signed_by(first);
    const Forged third = Forge::intermediate("Third").signed_by(second);
    const Forged end = leaf().signed_by(third);
    std::vector<Forged> others{first, second, third};
    std::vector<std::size_t> order{0, 1, 2};
    do {
        const Verdict verdict = Chain({end, others[order[0]], others[order[1]], others[order[2]]}, {root}).verify();
        CHECK(errors(verdict) == "ok");
        CHECK(path_of(verdict) == "www.example.com < Third < Second < First < Root");
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("neither order nor copies change the verdict where a budget runs out") {
    const Forged root = Forge::root("Root").self_signed();
    std::vector<Forged> members, others;
    const auto member = [](const PrivateKey& key) {
        return Forge::intermediate("Same").key(key).basic_constraints(true).authority_key_identifier(std::nullopt);
    };
    for (std::size_t i = 0; i < 40; ++i) members.push_back(member(pooled_key(KeyType::ed25519, i)).signed_by(root));
    for (std::size_t i = 0; i < 40; ++i) others.push_back(member(members[i].key).signed_by(members[(i + 1) % 40]));
    others.push_back(members[7]);
    const auto judged = [&](std::vector<Forged> served) {
        served.insert(served.begin(), leaf().key(pooled_key(KeyType::ed25519, 50)).serial(1).signed_by(members[0]));
        return errors(Chain(served, {root}).verify());
    };
    const std::string expected = judged(others);
    std::ranges::reverse(others);
    CHECK(judged(others) == expected);
    std::ranges::rotate(others, others.begin() + 13);
    others.insert(others.end(), others.begin(), others.begin() + 20);
    CHECK(judged(others) == expected);
}

TEST_CASE("an expired cross-sign beside a good one is passed over") {
    const Forged old_root = Forge::root("Old Root").self_signed();
    const Forged new_root = Forge::root("New Root").self_signed();
    const PrivateKey key = fresh_key();
    const Forged expired =
        Forge::intermediate("CA").key(key).dates(days_later(-900), days_later(-1)).signed_by(old_root);
    const Forged good = Forge::intermediate("CA").key(key).signed_by(new_root);
    const Forged end = leaf().signed_by(good);
    CHECK(path_of(Chain({end, expired, good}, {old_root, new_root}).verify()) == "www.example.com < CA < New Root");
    CHECK(errors(Chain({end, expired, good}, {old_root, new_root}).verify()) == "ok");
    CHECK(errors(Chain({end, expired, good}, {old_root}).verify()) == "expired@1");
}

TEST_CASE("a root that is trusted ends the path, although an expired cross-sign of it was sent (the chain of pain)") {
    const PrivateKey key = fresh_key();
    const Forged gone = Forge::root("Gone Root").dates(days_later(-3000), days_later(-10)).self_signed();
    const Forged root = Forge::root("Root").key(key).self_signed();
    const Forged cross = Forge::intermediate("Root")
                             .key(key)
                             .dates(days_later(-3000), days_later(-10))
                             .basic_constraints(true)
                             .signed_by(gone);
    const Forged ca = Forge::intermediate("CA").signed_by(root);
    const Verdict verdict = Chain({leaf().signed_by(ca), ca, cross}, {gone, root}).verify();
    CHECK(errors(verdict) == "ok");
    CHECK(path_of(verdict) == "www.example.com < CA < Root");
}

TEST_CASE("key identifiers are a hint, never a veto") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged ca = Forge::intermediate("CA").signed_by(root);
    CHECK(errors(Chain({leaf().authority_key_identifier(ByteVector{1, 2, 3}).signed_by(ca), ca}, {root}).verify()) ==
          "ok");
    const Forged namesake = Forge::intermediate("CA").signed_by(root);
    CHECK(errors(Chain({leaf().signed_by(ca), namesake, ca}, {root}).verify()) == "ok");
    CHECK(errors(Chain({leaf().authority_key_identifier(std::nullopt).signed_by(ca), namesake, ca}, {root}).verify()) ==
          "ok");
}

TEST_CASE("CAs that certify each other are no endless path") {
    const Forged root = Forge::root("Root").self_signed();
    const PrivateKey key_a = fresh_key(), key_b = fresh_key();
    const Forged a = Forge::intermediate("A").key(key_a).basic_constraints(true).self_signed();
    const Forged b = Forge::intermediate("B").key(key_b).basic_constraints(true).self_signed();
    const Forged a_by_b = Forge::intermediate("A").key(key_a).basic_constraints(true).signed_by(b);
    const Forged b_by_a = Forge::intermediate("B").key(key_b).basic_constraints(true).signed_by(a);
    const Forged end = leaf().signed_by(a);
    CHECK(errors(Chain({end, a_by_b, b_by_a}, {root}).verify()) == "unknown_issuer@2");
    const Forged way_out = Forge::intermediate("B").key(key_b).basic_constraints(true).signed_by(root);
    CHECK(errors(Chain({end, a_by_b, b_by_a, way_out}, {root}).verify()) == "ok");
}

TEST_CASE("adding an unrelated certificate never turns a refusal into an acceptance, nor the reverse") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged ca = Forge::intermediate("CA").signed_by(root);
    const Forged other_root = Forge::root("Other").self_signed();
    for (const Forged& extra :
         {other_root, Forge::intermediate("CA").signed_by(other_root), leaf().signed_by(other_root)}) {
        CHECK(errors(Chain({leaf().signed_by(ca), extra, ca}, {root}).verify()) == "ok");
        CHECK(errors(Chain({leaf().dates(days_later(-9), days_later(-1)).signed_by(ca), extra, ca}, {root}).verify()) ==
              "expired@0");
    }
}

TEST_CASE("a hundred CAs of one name cost bounded work and are refused") {
    const Forged root = Forge::root("Root").self_signed();
    std::vector<Forged> chain;
    Forged issuer = Forge::root("CA").self_signed();
    chain.push_back(issuer);
    for (int i = 0; i < 99; ++i) {
        issuer = Forge::intermediate("CA")
                     .basic_constraints(true)
                     .authority_key_identifier(std::nullopt)
                     .subject_key_identifier(std::nullopt)
                     .signed_by(issuer);
        chain.push_back(issuer);
    }
    chain.insert(chain.begin(), leaf().signed_by(issuer));
    const Verdict verdict = Chain(chain, {root}).verify();
    CHECK_FALSE(verdict.accepted());
    CHECK(verdict.problems.front().code == Code::path_too_complex);
    CHECK(verdict.paths.size() <= 8);
}

TEST_CASE("a path of more CAs than allowed is refused, self-issued ones not counted") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged first = Forge::intermediate("First").basic_constraints(true).signed_by(root);
    const Forged renewed = Forge::intermediate("First").basic_constraints(true).signed_by(first);
    const Forged second = Forge::intermediate("Second").signed_by(first);
    const auto at_most_one = [](VerifyInput& input) { input.most_intermediates = 1; };
    CHECK(errors(Chain({leaf().signed_by(renewed), renewed, first}, {root}).verify(at_most_one)) == "ok");
    const Verdict verdict = Chain({leaf().signed_by(second), second, first}, {root}).verify(at_most_one);
    CHECK(errors(verdict) == "path_too_complex");
    CHECK(std::get<LengthEvidence>(verdict.problems.front().evidence) == LengthEvidence{1, 2});
}

TEST_CASE("what a path did not get to because it is too long is not called superfluous") {
    const Forged root = Forge::root("Root").self_signed();
    std::vector<Forged> chain;
    Forged issuer = root;
    for (const char* const name : {"A", "B", "C", "D", "E", "F"}) {
        issuer = Forge::intermediate(name).basic_constraints(true).signed_by(issuer);
        chain.insert(chain.begin(), issuer);
    }
    chain.insert(chain.begin(), leaf().signed_by(issuer));
    const Verdict verdict = Chain(chain, {root}).verify([](VerifyInput& input) { input.most_intermediates = 2; });
    CHECK(verdict.problems.front().code == Code::path_too_complex);
    CHECK(std::ranges::count(verdict.problems, Code::extra_certificates, &Finding::code) == 0);
}

TEST_CASE("an intermediate in the trust store is an anchor") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged ca = Forge::intermediate("CA").signed_by(root);
    CHECK(path_of(Chain({leaf().signed_by(ca), ca, root}, {ca}).verify()) == "www.example.com < CA");
    CHECK(errors(Chain({leaf().signed_by(ca), root}, {ca}).verify()) == "ok");
}

TEST_CASE("of several broken paths the one that got furthest is shown first, and all are kept") {
    const Forged known = Forge::root("Known").self_signed();
    const Forged unknown = Forge::root("Unknown").self_signed();
    const PrivateKey key = fresh_key();
    const Forged by_unknown = Forge::intermediate("CA").key(key).signed_by(unknown);
    const Forged by_known = Forge::intermediate("CA").key(key).dates(days_later(-100), days_later(-1)).signed_by(known);
    const Verdict verdict = Chain({leaf().signed_by(by_known), by_unknown, by_known, unknown}, {known}).verify();
    CHECK(errors(verdict) == "expired@1");
    REQUIRE(verdict.paths.size() == 2);
    CHECK(verdict.paths[0].anchored);
    CHECK_FALSE(verdict.paths[1].anchored);
}

TEST_CASE(
    "a private CA whose name an anchor has too, with another key, is told as untrusted and not as a bad signature") {
    const Forged old = Forge::root("Company Root").self_signed();
    const Forged renewed = Forge::root("Company Root").self_signed();
    CHECK(errors(Chain({leaf().signed_by(renewed), renewed}, {old}).verify()) == "untrusted_root@1");
    CHECK(errors(Chain({leaf().signed_by(renewed)}, {old}).verify()) == "unknown_issuer@0");
}

TEST_CASE("names that differ in case and string type chain") {
    const Forged root = Forge::root("Root").subject({{"O", "Example Inc"}, {"CN", "Root"}}).self_signed();
    const Forged end = leaf().issuer({{"O", "EXAMPLE  INC", TextTag::printable}, {"CN", "root"}}).signed_by(root);
    CHECK(errors(Chain({end}, {root}).verify()) == "ok");
}

TEST_CASE("a signature by an RSA key of more than 4,096 bits takes more of the budget") {
    const Forged root = Forge::root("Root").self_signed();
    const auto with_modulus = [&](std::size_t bytes) {
        const ByteVector key = der_sequence({der_unsigned(ByteVector(bytes, 0xFF)), der_integer(65'537)});
        const ByteVector info = der_sequence({der_sequence({der_oid(oid::rsa), der_null()}), der_bit_string(key)});
        return Forge::intermediate("CA").public_key_info(info).signed_by(root).certificate();
    };
    const Certificate end = leaf().signed_by(root).certificate();
    const TrustStore trust;
    PathBuilder builder({end, Provenance::served}, {}, trust, {});
    const auto taken = [&](const Certificate& issuer) {
        const std::size_t before = builder.budget().signatures;
        builder.signature(end, issuer);
        return before - builder.budget().signatures;
    };
    CHECK(taken(with_modulus(512)) == 1);
    CHECK(taken(with_modulus(513)) == 4);
    builder.budget().signatures = 3;
    CHECK(taken(with_modulus(1024)) == 3);
    CHECK(builder.budget().exhausted());
}
