// Keys and signatures of a chain: which are verified, and which are refused for what they are.
#include "certs/verify.h"

#include "tests/certs/usual_chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;
using namespace tests::usual;

TEST_CASE("each kind of key that CAs use signs chains that verify") {
    for (const KeyType type :
         {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::rsa2048, KeyType::rsa3072, KeyType::ed25519}) {
        const Forged anchor = Forge::root("R").key(type).self_signed();
        const Forged middle = Forge::intermediate("I").key(type).signed_by(anchor);
        CHECK(errors(Chain({leaf().key(type).signed_by(middle), middle}, {anchor}).verify()) == "ok");
    }
}

TEST_CASE("RSA-PSS signatures verify with their parameters") {
    const Forged anchor = Forge::root("R").key(KeyType::rsa2048).self_signed();
    for (const SignatureAlgorithm algorithm :
         {SignatureAlgorithm::rsa_pss_sha256, SignatureAlgorithm::rsa_pss_sha384, SignatureAlgorithm::rsa_pss_sha512}) {
        CHECK(errors(Chain({leaf().signature(algorithm).signed_by(anchor)}, {anchor}).verify()) == "ok");
        CHECK(errors(Chain({leaf().signature(algorithm).broken_signature().signed_by(anchor)}, {anchor}).verify()) ==
              "bad_signature@0");
    }
}

TEST_CASE("a leaf that its issuer did not sign is told as such") {
    const Verdict verdict =
        Chain({leaf().signed_with(PrivateKey::generate(PrivateKeyKind::ec_p256)).signed_by(ca()), ca()}, {root()})
            .verify();
    CHECK(errors(verdict) == "bad_signature@0");
    CHECK(status(verdict, Step::signature, 0) == Status::fail);
    CHECK(status(verdict, Step::signature, 1) == Status::pass);
    CHECK(judged(leaf().broken_signature()) == "bad_signature@0");
    CHECK(judged_ca(Forge::intermediate("CA").broken_signature()) == "bad_signature@1");
}

TEST_CASE("a signature by a key of another kind is a bad one") {
    const Forged rsa_root = Forge::root("R").key(KeyType::rsa2048).self_signed();
    CHECK(errors(
              Chain({leaf().signed_with(PrivateKey::generate(PrivateKeyKind::ec_p256)).signed_by(rsa_root)}, {rsa_root})
                  .verify()) == "bad_signature@0");
    const Forge mute =
        leaf().signed_with(PrivateKey::generate(PrivateKeyKind::ec_p256)).authority_key_identifier(std::nullopt);
    CHECK(errors(Chain({Forge(mute).signed_by(rsa_root)}, {rsa_root}).verify()) == "unknown_issuer@0");
}

TEST_CASE(
    "the signature of a certificate by its own key is not judged: trusted it verifies, and untrusted that is what is wrong") {
    const Forged own = leaf().signature(SignatureAlgorithm::ecdsa_sha1).self_signed();
    CHECK(errors(Chain({own}, {own}).verify()) == "ok");
    CHECK(errors(Chain({own}, {}).verify()) == "self_signed@0");
}

TEST_CASE("weak keys and signatures are verified and then refused for what they are") {
    CHECK(judged(leaf().key(KeyType::rsa1024)) == "weak_key@0");
    const Forged weak = Forge::intermediate("CA").key(KeyType::rsa1024).signed_by(root());
    CHECK(errors(Chain({leaf().signed_by(weak), weak}, {root()}).verify()) == "weak_key@1");
    const Forged rsa = Forge::root("R").key(KeyType::rsa2048).self_signed();
    CHECK(errors(Chain({leaf().signature(SignatureAlgorithm::rsa_sha1).signed_by(rsa)}, {rsa}).verify()) ==
          "weak_signature@0");
    CHECK(errors(Chain({leaf().signature(SignatureAlgorithm::rsa_md5).signed_by(rsa)}, {rsa}).verify()) ==
          "weak_signature@0");
    CHECK(errors(Chain({leaf().signature(SignatureAlgorithm::rsa_sha1).broken_signature().signed_by(rsa)}, {rsa})
                     .verify()) == "bad_signature@0 weak_signature@0");
}

TEST_CASE("the signature of an anchor is not judged") {
    CHECK(judged_root(Forge::root("R").key(KeyType::rsa2048).signature(SignatureAlgorithm::rsa_sha1)) == "ok");
    CHECK(judged_root(Forge::root("R").broken_signature()) == "ok");
}

TEST_CASE("a key on explicit parameters or an unknown curve cannot vouch for anyone") {
    const ByteVector explicit_key =
        der_sequence({der_sequence({der_oid("1.2.840.10045.2.1"), der_sequence({der_integer(1)})}),
                      der_bit_string(ByteVector(65, 4))});
    CHECK(judged(leaf().public_key_info(explicit_key)) == "weak_key@0");
    const ByteVector p224 = der_sequence(
        {der_sequence({der_oid("1.2.840.10045.2.1"), der_oid("1.3.132.0.33")}), der_bit_string(ByteVector(57, 4))});
    CHECK(judged_ca(Forge::intermediate("CA").public_key_info(p224)) == "weak_key@1");
    const ByteVector p192 = der_sequence({der_sequence({der_oid("1.2.840.10045.2.1"), der_oid("1.2.840.10045.3.1.1")}),
                                          der_bit_string(ByteVector(49, 4))});
    CHECK(judged_ca(Forge::intermediate("CA").public_key_info(p192)) == "weak_key@1");
    const ByteVector unknown = der_sequence({der_sequence({der_oid("1.2.3.4")}), der_bit_string(ByteVector(9, 4))});
    CHECK(judged_ca(Forge::intermediate("CA").public_key_info(unknown)) == "weak_key@1");
}

TEST_CASE("a leaf whose key no TLS server can use fails strength, with what the key is") {
    const auto fault = [](const ByteVector& algorithm, const ByteVector& key) {
        const ByteVector info = der_sequence({algorithm, der_bit_string(key)});
        const Verdict verdict = Chain({leaf().public_key_info(info).signed_by(ca()), ca()}, {root()}).verify();
        CHECK(errors(verdict) == "weak_key@0");
        CHECK(status(verdict, Step::strength, 0) == Status::fail);
        const auto evidence = std::get<AlgorithmEvidence>(verdict.problems.front().evidence);
        return std::pair(evidence.found, evidence.fault);
    };
    const ByteVector bytes(32, 9), ec = der_oid("1.2.840.10045.2.1");
    CHECK(fault(der_sequence({der_oid("1.3.101.110")}), bytes) ==
          std::pair(std::string("X25519"), AlgorithmFault::signs_nothing));
    CHECK(fault(der_sequence({der_oid("1.2.840.113549.1.1.7")}), bytes) ==
          std::pair(std::string("RSAES-OAEP"), AlgorithmFault::signs_nothing));
    CHECK(fault(der_sequence({der_oid("2.16.840.1.101.3.4.3.17")}), bytes) ==
          std::pair(std::string("ML-DSA-44"), AlgorithmFault::unknown_key));
    CHECK(fault(der_sequence({der_oid("1.3.6.1.4.1.3029.1.2.1")}), bytes).second == AlgorithmFault::unknown_key);
    CHECK(fault(der_sequence({ec, der_oid("1.2.3.4.5")}), bytes) ==
          std::pair(std::string("EC 1.2.3.4.5"), AlgorithmFault::unknown_curve));
    CHECK(fault(der_sequence({ec, der_oid("1.3.132.0.10")}), [] {
              ByteVector point(65, 1);
              point[0] = 4;
              return point;
          }()) == std::pair(std::string("EC secp256k1"), AlgorithmFault::unknown_curve));
    CHECK(fault(der_sequence({ec, der_oid("1.2.840.10045.3.1.7")}), [] {
              ByteVector point(65, 1);
              point[0] = 4;
              return point;
          }()) == std::pair(std::string("EC P-256"), AlgorithmFault::off_curve));
}

TEST_CASE("a signature that cannot be verified is told by what stands in the way, never as altered") {
    const auto fault = [](const Forge& end) {
        const Verdict verdict = Chain({Forge(end).signed_by(ca()), ca()}, {root()}).verify();
        CHECK(errors(verdict) == "weak_signature@0");
        return std::get<AlgorithmEvidence>(verdict.problems.front().evidence).fault;
    };
    for (const char* const unknown : {"1.2.3.4.5", "2.16.840.1.101.3.4.3.10"}) {  // the second is ECDSA with SHA3-256
        const ByteVector algorithm = der_sequence({der_oid(unknown)});
        CHECK(fault(leaf().inner_algorithm(algorithm).outer_algorithm(algorithm)) == AlgorithmFault::unknown_algorithm);
    }
    const ByteVector odd = der_sequence({der_oid("1.2.840.10045.4.3.2"), der_integer(1)});
    CHECK(fault(leaf().inner_algorithm(odd).outer_algorithm(odd)) == AlgorithmFault::odd_parameters);
    // MD2 is reported as weak, once.
    const ByteVector md2 = der_sequence({der_oid("1.2.840.113549.1.1.2"), der_null()});
    CHECK(fault(leaf().inner_algorithm(md2).outer_algorithm(md2)) == AlgorithmFault::weak);
}

TEST_CASE(
    "a signature of an algorithm whose keys are of no other kind is none of an EC key, whether or not it can be verified") {
    for (const char* const apart : {"2.16.840.1.101.3.4.3.2", "2.16.840.1.101.3.4.3.17", "2.16.840.1.101.3.4.3.20"}) {
        const ByteVector algorithm = der_sequence({der_oid(apart)});
        const Verdict verdict =
            Chain({leaf().inner_algorithm(algorithm).outer_algorithm(algorithm).signed_by(ca()), ca()}, {root()})
                .verify();
        CHECK(errors(verdict) == "bad_signature@0");
        CHECK(std::get<AlgorithmEvidence>(verdict.problems.front().evidence).fault == AlgorithmFault::wrong_key_kind);
    }
}

TEST_CASE("what is altered is told from what another key signed, as far as key identifiers and padding tell") {
    const auto told = [](const Forged& signer, const Forge& end) {
        const Verdict verdict = Chain({Forge(end).signed_by(signer)}, {signer}).verify();
        const auto* algorithm = std::get_if<AlgorithmEvidence>(&verdict.problems.front().evidence);
        return std::pair(errors(verdict), algorithm == nullptr ? AlgorithmFault::weak : algorithm->fault);
    };
    const Forged rsa = Forge::root("R").key(KeyType::rsa2048).self_signed(), ec = Forge::root("R").self_signed();
    const auto change_serial = [](ByteVector& der) {
        const ByteVector serial{0x01, 0x23, 0x45, 0x67};
        std::ranges::search(der, serial).back() ^= 1;
    };
    const Forge altered = leaf().serial(0x1234567).change(change_serial);
    const Forge mute = Forge(altered).authority_key_identifier(std::nullopt);
    CHECK(told(rsa, altered) == std::pair(std::string("bad_signature@0"), AlgorithmFault::wrong_digest));
    CHECK(told(rsa, mute) == std::pair(std::string("bad_signature@0"), AlgorithmFault::wrong_digest));
    CHECK(told(ec, altered).first == "bad_signature@0");
    CHECK(told(ec, mute).first == "unknown_issuer@0");
}
