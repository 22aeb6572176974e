#include "certs/crypto.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace certs;
using namespace tests;

namespace {

SignatureResult check(const Certificate& certificate) {
    return verify_signature(certificate.public_key(), certificate.signature_algorithm(), certificate.tbs(),
                            certificate.signature());
}

}  // namespace

TEST_CASE("digests are the published ones") {
    CHECK(hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(sha1(as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("each signature algorithm verifies, and not after one bit changed") {
    const struct {
        KeyType key;
        SignatureAlgorithm algorithm;
    } cases[] = {
        {KeyType::p256, SignatureAlgorithm::ecdsa_sha1},        {KeyType::p256, SignatureAlgorithm::ecdsa_sha512},
        {KeyType::p384, SignatureAlgorithm::ecdsa_sha384},      {KeyType::p521, SignatureAlgorithm::ecdsa_sha256},
        {KeyType::rsa2048, SignatureAlgorithm::rsa_md5},        {KeyType::rsa2048, SignatureAlgorithm::rsa_sha1},
        {KeyType::rsa2048, SignatureAlgorithm::rsa_sha384},     {KeyType::rsa3072, SignatureAlgorithm::rsa_pss_sha256},
        {KeyType::rsa2048, SignatureAlgorithm::rsa_pss_sha512}, {KeyType::ed25519, SignatureAlgorithm::ed25519}};
    for (const auto& test : cases) {
        const Forge forge = Forge::root("R").key(test.key).signature(test.algorithm);
        CHECK(check(forge.self_signed().certificate()) == SignatureResult::good);
        CHECK(check(Forge(forge).broken_signature().self_signed().certificate()) == SignatureResult::bad);
        const Certificate good = forge.self_signed().certificate();
        ByteVector changed(good.tbs().begin(), good.tbs().end());
        changed[20] ^= 1;
        // The padding of PKCS #1 shows that the key is the right one.
        const bool pkcs1 = algorithm_text(good.signature_algorithm()).ends_with("WithRSAEncryption");
        CHECK(verify_signature(good.public_key(), good.signature_algorithm(), changed, good.signature()) ==
              (pkcs1 ? SignatureResult::wrong_digest : SignatureResult::bad));
        // An ECDSA signature is DER of two numbers, so a part of one is not a signature.
        const bool ecdsa = algorithm_text(good.signature_algorithm()).starts_with("ecdsa");
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, good.signature().size() - 1}) {
            CHECK(verify_signature(good.public_key(), good.signature_algorithm(), good.tbs(),
                                   good.signature().first(size)) ==
                  (ecdsa ? SignatureResult::no_signature : SignatureResult::bad));
        }
    }
}

TEST_CASE("a key of another kind cannot have made the signature, and an unknown algorithm cannot be checked") {
    const Certificate rsa = Forge::root("R").key(KeyType::rsa2048).self_signed().certificate();
    const Certificate ec = Forge::root("R").self_signed().certificate();
    CHECK(verify_signature(rsa.public_key(), ec.signature_algorithm(), ec.tbs(), ec.signature()) ==
          SignatureResult::wrong_key);
    CHECK(verify_signature(ec.public_key(), rsa.signature_algorithm(), rsa.tbs(), rsa.signature()) ==
          SignatureResult::wrong_key);
    constexpr OidConstant unknown{"1.2.3.4"};
    CHECK(verify_signature(ec.public_key(), {{}, unknown, {}}, ec.tbs(), ec.signature()) ==
          SignatureResult::unknown_algorithm);
}

TEST_CASE("the hashes of a PSS signature have NULL for their parameters, or none (RFC 4055 §2.1)") {
    const auto checked = [](const ByteVector& hash) {
        const ByteVector parameters =
            der_sequence({der_context(0, hash), der_context(1, der_sequence({der_oid("1.2.840.113549.1.1.8"), hash})),
                          der_context(2, der_integer(32))});
        const ByteVector algorithm = der_sequence({der_oid("1.2.840.113549.1.1.10"), parameters});
        return check(Forge::root("R")
                         .key(KeyType::rsa2048)
                         .signature(SignatureAlgorithm::rsa_pss_sha256)
                         .inner_algorithm(algorithm)
                         .outer_algorithm(algorithm)
                         .self_signed()
                         .certificate());
    };
    CHECK(checked(der_sequence({der_oid(oid::sha256), der_null()})) == SignatureResult::good);
    CHECK(checked(der_sequence({der_oid(oid::sha256)})) == SignatureResult::good);
    CHECK(checked(der_sequence({der_oid(oid::sha256), der_integer(1)})) == SignatureResult::odd_parameters);
}

TEST_CASE("an ECDSA signature of zeros, or with numbers that are not minimal, is bad") {
    const Certificate ec = Forge::root("R").self_signed().certificate();
    const ByteVector zeros = der_sequence({der_integer(0), der_integer(0)});
    CHECK(verify_signature(ec.public_key(), ec.signature_algorithm(), ec.tbs(), zeros) ==
          SignatureResult::no_signature);
    ByteVector padded(ec.signature().begin(), ec.signature().end());
    padded.insert(padded.begin() + 4, 0x00);
    padded[1] += 1;
    padded[3] += 1;
    CHECK(verify_signature(ec.public_key(), ec.signature_algorithm(), ec.tbs(), padded) ==
          SignatureResult::no_signature);
}

TEST_CASE("an RSA exponent may have 33 bits, no more") {
    const Certificate rsa = Forge::root("R").key(KeyType::rsa2048).self_signed().certificate();
    PublicKey key = rsa.public_key();
    const ByteVector bits_33{0x01, 0xFF, 0xFF, 0xFF, 0xFF}, bits_34{0x03, 0xFF, 0xFF, 0xFF, 0xFF};
    key.exponent = bits_33;
    CHECK(verify_signature(key, rsa.signature_algorithm(), rsa.tbs(), rsa.signature()) == SignatureResult::bad);
    key.exponent = bits_34;
    CHECK(verify_signature(key, rsa.signature_algorithm(), rsa.tbs(), rsa.signature()) ==
          SignatureResult::unusable_key);
}

TEST_CASE("a public point that is not on its curve verifies nothing") {
    const Certificate ec = Forge::root("R").self_signed().certificate();
    ByteVector elsewhere(ec.public_key().key.begin(), ec.public_key().key.end());
    elsewhere.back() ^= 1;
    PublicKey key = ec.public_key();
    key.key = elsewhere;
    CHECK(verify_signature(key, ec.signature_algorithm(), ec.tbs(), ec.signature()) == SignatureResult::unusable_key);
    const ByteVector origin = [&] {
        ByteVector point(elsewhere.size(), 0);
        point[0] = 4;
        return point;
    }();
    key.key = origin;
    CHECK(verify_signature(key, ec.signature_algorithm(), ec.tbs(), ec.signature()) == SignatureResult::unusable_key);
}

TEST_CASE(
    "an algorithm with NULL for its parameters is itself, and with others it is not verified (RFC 5758 §3.2, RFC 8410 §3)") {
    const auto with = [](Forge forge, const char* oid, const ByteVector& parameters) {
        const ByteVector algorithm = der_sequence({der_oid(oid), parameters});
        return check(forge.inner_algorithm(algorithm).outer_algorithm(algorithm).self_signed().certificate());
    };
    const Forge ec = Forge::root("R"), rsa = Forge::root("R").key(KeyType::rsa2048),
                ed = Forge::root("R").key(KeyType::ed25519);
    CHECK(with(ec, "1.2.840.10045.4.3.2", der_null()) == SignatureResult::good);
    CHECK(with(ec, "1.2.840.10045.4.3.2", der_integer(1)) == SignatureResult::odd_parameters);
    CHECK(with(rsa, "1.2.840.113549.1.1.11", {}) == SignatureResult::good);
    CHECK(with(rsa, "1.2.840.113549.1.1.11", der_integer(1)) == SignatureResult::odd_parameters);
    CHECK(with(ed, "1.3.101.112", der_null()) == SignatureResult::odd_parameters);
}

TEST_CASE("why a key verifies nothing is told by its kind") {
    const auto obstacle = [](const ByteVector& algorithm, const ByteVector& key) {
        const ByteVector info = der_sequence({algorithm, der_bit_string(key)});
        return key_obstacle(Forge::leaf("a.example")
                                .public_key_info(info)
                                .signed_by(Forge::root("R").self_signed())
                                .certificate()
                                .public_key());
    };
    const ByteVector bytes(32, 9), ec_oid = der_oid("1.2.840.10045.2.1");
    CHECK(obstacle(der_sequence({der_oid("1.3.101.110")}), bytes) == KeyObstacle::signs_nothing);
    CHECK(obstacle(der_sequence({der_oid("2.16.840.1.101.3.4.3.17")}), bytes) == KeyObstacle::unknown_algorithm);
    CHECK(obstacle(der_sequence({der_oid("1.2.840.10040.4.1")}), der_integer(5)) == KeyObstacle::dsa);
    CHECK(obstacle(der_sequence({ec_oid, der_oid("1.2.3.4.5")}), bytes) == KeyObstacle::unknown_curve);
    CHECK(obstacle(der_sequence({ec_oid, der_sequence({der_integer(1)})}), bytes) == KeyObstacle::explicit_curve);
    ByteVector point(65, 1);
    point[0] = 4;
    CHECK(obstacle(der_sequence({ec_oid, der_oid("1.2.840.10045.3.1.7")}), point) == KeyObstacle::off_curve);
    ByteVector compressed(33, 1);
    compressed[0] = 2;
    CHECK(obstacle(der_sequence({ec_oid, der_oid("1.2.840.10045.3.1.7")}), compressed) ==
          KeyObstacle::compressed_point);
    CHECK(key_obstacle(Forge::root("R").self_signed().certificate().public_key()) == KeyObstacle::none);
}

TEST_CASE("an algorithm is told with what its parameters name") {
    const auto told = [](const ByteVector& der) {
        DerContext context(der);
        DerReader reader(der, context);
        return algorithm_text(read_algorithm(reader));
    };
    CHECK(told(der_sequence({der_oid(oid::sha256_rsa), der_null()})) == "sha256WithRSAEncryption");
    CHECK(told(der_sequence({der_oid(oid::sha256_ecdsa), der_null()})) == "ecdsa-with-SHA256 with NULL parameters");
    CHECK(told(der_sequence({der_oid(oid::rsa_pss), der_sequence({})})) ==
          "RSASSA-PSS with SHA-1, MGF1 with SHA-1 and a salt of 20 bytes");
    CHECK(told(der_sequence({der_oid(oid::rsa_pss), der_integer(1)})) == "RSASSA-PSS with unreadable parameters");
    const ByteVector mask = der_sequence({der_oid(oid::mgf1), der_sequence({der_oid(oid::mgf1)})});
    CHECK(told(der_sequence({der_oid(oid::rsa_pss), der_sequence({der_context(0, der_sequence({der_oid(oid::sha384)})),
                                                                  der_context(1, mask)})})) ==
          "RSASSA-PSS with SHA-384, MGF1 with MGF1 and a salt of 20 bytes");
}
