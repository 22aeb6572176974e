#include "certs/crypto.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/ed448.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace certs {

namespace {

// The largest modulus that wolfCrypt is built for (cmake/build-wolfssl), and the longest exponent,
// the limit of ring and webpki. Everyone uses 65537. The cost of a verification grows with the
// exponent: to 3 ms with 33 bits and a modulus of 8,192 bits.
constexpr std::size_t largest_modulus_bits = 8192, largest_exponent_bits = 33;

struct Hash {
    wc_HashType type;
    int mgf;
    std::size_t size;
    OidConstant oid;
    Bytes digest_info;  // RFC 8017 §9.2 note 1: what precedes the digest
};

constexpr std::uint8_t md5_info[] = {0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10};
constexpr std::uint8_t sha1_info[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                      0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
constexpr std::uint8_t sha224_info[] = {0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c};
constexpr std::uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
constexpr std::uint8_t sha384_info[] = {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30};
constexpr std::uint8_t sha512_info[] = {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40};

const Hash md5{WC_HASH_TYPE_MD5, WC_MGF1NONE, 16, {"1.2.840.113549.2.5"}, md5_info};
const Hash hash_sha1{WC_HASH_TYPE_SHA, WC_MGF1SHA1, 20, oid::sha1, sha1_info};
const Hash hash_sha224{WC_HASH_TYPE_SHA224, WC_MGF1SHA224, 28, oid::sha224, sha224_info};
const Hash hash_sha256{WC_HASH_TYPE_SHA256, WC_MGF1SHA256, 32, oid::sha256, sha256_info};
const Hash hash_sha384{WC_HASH_TYPE_SHA384, WC_MGF1SHA384, 48, oid::sha384, sha384_info};
const Hash hash_sha512{WC_HASH_TYPE_SHA512, WC_MGF1SHA512, 64, oid::sha512, sha512_info};

enum class Scheme { rsa_pkcs1, ecdsa };
struct Algorithm {
    OidConstant oid;
    Scheme scheme;
    const Hash* hash;
};
const Algorithm algorithms[] = {
    {oid::sha256_rsa, Scheme::rsa_pkcs1, &hash_sha256},
    {oid::sha384_rsa, Scheme::rsa_pkcs1, &hash_sha384},
    {oid::sha512_rsa, Scheme::rsa_pkcs1, &hash_sha512},
    {oid::sha224_rsa, Scheme::rsa_pkcs1, &hash_sha224},
    {oid::sha1_rsa, Scheme::rsa_pkcs1, &hash_sha1},
    {{"1.3.14.3.2.29"}, Scheme::rsa_pkcs1, &hash_sha1},
    {oid::md5_rsa, Scheme::rsa_pkcs1, &md5},
    {oid::sha256_ecdsa, Scheme::ecdsa, &hash_sha256},
    {oid::sha384_ecdsa, Scheme::ecdsa, &hash_sha384},
    {oid::sha512_ecdsa, Scheme::ecdsa, &hash_sha512},
    {oid::sha224_ecdsa, Scheme::ecdsa, &hash_sha224},
    {oid::sha1_ecdsa, Scheme::ecdsa, &hash_sha1},
};

word32 size_of(Bytes bytes) { return static_cast<word32>(bytes.size()); }

ByteVector digest(const Hash& hash, Bytes message) {
    ByteVector result(hash.size);
    if (wc_Hash(hash.type, message.data(), size_of(message), result.data(), size_of(result)) != 0) result.clear();
    return result;
}

// A wolfCrypt key as a resource: initialised when constructed, freed when destroyed. Keys are
// kilobytes large, so they live on the heap.
template <typename Key, int (*init)(Key*), auto free_key>
struct KeyHolder {
    std::unique_ptr<Key> key = std::make_unique<Key>();
    bool ready = init(key.get()) == 0;
    KeyHolder() = default;
    KeyHolder(const KeyHolder&) = delete;
    KeyHolder& operator=(const KeyHolder&) = delete;
    ~KeyHolder() {
        if (ready) free_key(key.get());
    }
};

int init_rsa(RsaKey* key) { return wc_InitRsaKey(key, nullptr); }
using RsaHolder = KeyHolder<RsaKey, init_rsa, wc_FreeRsaKey>;
using EccHolder = KeyHolder<ecc_key, wc_ecc_init, wc_ecc_free>;
using Ed25519Holder = KeyHolder<ed25519_key, wc_ed25519_init, wc_ed25519_free>;
using Ed448Holder = KeyHolder<ed448_key, wc_ed448_init, wc_ed448_free>;

SignatureResult good_if(bool condition) { return condition ? SignatureResult::good : SignatureResult::bad; }

KeyObstacle rsa_obstacle(const PublicKey& key) {
    if (key.bits > largest_modulus_bits) return KeyObstacle::modulus_too_large;
    if (bit_length(key.exponent) > largest_exponent_bits) return KeyObstacle::exponent_too_large;
    const bool odd =
        !key.modulus.empty() && !key.exponent.empty() && (key.modulus.back() & key.exponent.back() & 1) != 0;
    return odd ? KeyObstacle::none : KeyObstacle::even_number;
}

bool load_rsa(RsaHolder& holder, const PublicKey& key) {
    return rsa_obstacle(key) == KeyObstacle::none && holder.ready &&
           wc_RsaPublicKeyDecodeRaw(key.modulus.data(), size_of(key.modulus), key.exponent.data(),
                                    size_of(key.exponent), holder.key.get()) == 0;
}

// RFC 8017 §8.2.2: the encoding is built again and compared, so that nothing in it is parsed
// leniently.
SignatureResult verify_pkcs1(const PublicKey& key, const Hash& hash, Bytes message, Bytes signature) {
    RsaHolder rsa;
    if (!load_rsa(rsa, key)) return SignatureResult::unusable_key;
    const std::size_t length = key.modulus.size();
    const std::size_t tail = hash.digest_info.size() + hash.size;
    if (signature.size() != length || length < tail + 11) return SignatureResult::bad;
    ByteVector encoded(length);
    word32 encoded_size = static_cast<word32>(length);
    const int result = wc_RsaFunction(signature.data(), size_of(signature), encoded.data(), &encoded_size,
                                      RSA_PUBLIC_DECRYPT, rsa.key.get(), nullptr);
    if (result != 0 || encoded_size != length) return SignatureResult::bad;
    ByteVector expected(length - tail, 0xFF);
    expected[0] = 0x00;
    expected[1] = 0x01;
    expected.back() = 0x00;
    expected.insert(expected.end(), hash.digest_info.begin(), hash.digest_info.end());
    const bool padded = std::ranges::equal(expected, Bytes(encoded).first(expected.size()));
    const ByteVector message_digest = digest(hash, message);
    expected.insert(expected.end(), message_digest.begin(), message_digest.end());
    // With another key there is no padding: at least eleven bytes would have to be right by chance.
    return encoded == expected ? SignatureResult::good : padded ? SignatureResult::wrong_digest : SignatureResult::bad;
}

constexpr std::uint8_t null_parameters[] = {0x05, 0x00};

// RFC 4055 §2.1: the parameters of a hash are NULL or absent.
const Hash* find_hash(const AlgorithmIdentifier& wanted) {
    if (!wanted.parameters.empty() && !std::ranges::equal(wanted.parameters, null_parameters)) return nullptr;
    for (const Hash* const hash : {&hash_sha256, &hash_sha384, &hash_sha512, &hash_sha1, &hash_sha224}) {
        if (static_cast<Oid>(hash->oid) == wanted.algorithm) return hash;
    }
    return nullptr;
}

struct PssParameters {
    const Hash* hash = &hash_sha1;
    const Hash* mask_hash = &hash_sha1;
    std::uint32_t salt_length = 20;
};

// RFC 4055 §3.1. Absent members have their defaults; the trailer field is 1.
std::optional<PssParameters> read_pss(Bytes parameters) {
    PssParameters result;
    DerContext context(parameters);
    DerReader reader(parameters, context);
    DerReader inside = reader.sequence();
    reader.end();
    if (inside.next_is(tag::context_constructed(0))) {
        DerReader member = inside.enter(tag::context_constructed(0));
        result.hash = find_hash(read_algorithm(member));
        member.end();
    }
    if (inside.next_is(tag::context_constructed(1))) {
        DerReader member = inside.enter(tag::context_constructed(1));
        const AlgorithmIdentifier mask = read_algorithm(member);
        member.end();
        DerReader mask_parameters(mask.parameters, context);
        result.mask_hash = mask.algorithm == oid::mgf1 ? find_hash(read_algorithm(mask_parameters)) : nullptr;
    }
    if (inside.next_is(tag::context_constructed(2))) {
        DerReader member = inside.enter(tag::context_constructed(2));
        result.salt_length = member.small_integer(1024);
        member.end();
    }
    if (inside.next_is(tag::context_constructed(3))) {
        DerReader member = inside.enter(tag::context_constructed(3));
        if (member.small_integer(255) != 1) return std::nullopt;
        member.end();
    }
    inside.end();
    if (context.failed() || result.hash == nullptr || result.mask_hash == nullptr) return std::nullopt;
    return result;
}

// RFC 4055 §1.2: a key with parameters may make only signatures with the same hashes and at least
// that salt.
bool key_allows(const PublicKey& key, const PssParameters& signature) {
    if (key.kind != KeyKind::rsa_pss || key.algorithm.parameters.empty()) return true;
    const auto allowed = read_pss(key.algorithm.parameters);
    return allowed && allowed->hash == signature.hash && allowed->mask_hash == signature.mask_hash &&
           allowed->salt_length <= signature.salt_length;
}

SignatureResult verify_pss(const PublicKey& key, const AlgorithmIdentifier& algorithm, Bytes message, Bytes signature) {
    const auto parameters = read_pss(algorithm.parameters);
    if (!parameters) return SignatureResult::odd_parameters;
    if (!key_allows(key, *parameters)) return SignatureResult::wrong_key;
    RsaHolder rsa;
    if (!load_rsa(rsa, key)) return SignatureResult::unusable_key;
    if (signature.size() != key.modulus.size()) return SignatureResult::bad;
    const Hash& hash = *parameters->hash;
    ByteVector plain(key.modulus.size());
    const int length = wc_RsaPSS_Verify_ex(const_cast<byte*>(signature.data()), size_of(signature), plain.data(),
                                           size_of(plain), hash.type, parameters->mask_hash->mgf,
                                           static_cast<int>(parameters->salt_length), rsa.key.get());
    if (length <= 0) return SignatureResult::bad;
    const ByteVector message_digest = digest(hash, message);
    return good_if(wc_RsaPSS_CheckPadding_ex2(
                       message_digest.data(), size_of(message_digest), plain.data(), static_cast<word32>(length),
                       hash.type, static_cast<int>(parameters->salt_length), static_cast<int>(key.bits), nullptr) == 0);
}

int curve_id(Curve curve) {
    switch (curve) {
        case Curve::p256: return ECC_SECP256R1;
        case Curve::p384: return ECC_SECP384R1;
        case Curve::p521: return ECC_SECP521R1;
        default: return ECC_CURVE_INVALID;
    }
}

// A number of a signature as wolfCrypt takes it.
class Number {
public:
    explicit Number(Bytes bytes) {
        ready_ = mp_init(&value_) == 0 && mp_read_unsigned_bin(&value_, bytes.data(), size_of(bytes)) == 0;
    }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;
    ~Number() { mp_clear(&value_); }
    bool ready() const { return ready_; }
    mp_int* value() { return &value_; }

private:
    mp_int value_{};
    bool ready_ = false;
};

bool load_ec(EccHolder& holder, const PublicKey& key) {
    // These curves have cofactor 1, so every point on the curve but infinity is a valid key (SEC 1
    // §3.2.2.1). wc_ecc_check_key would also check the point's order, at the cost of another
    // verification.
    return holder.ready &&
           wc_ecc_import_x963_ex(key.key.data(), size_of(key.key), holder.key.get(), curve_id(key.curve)) == 0 &&
           wc_ecc_point_is_at_infinity(&holder.key->pubkey) == 0 &&
           wc_ecc_point_is_on_curve(&holder.key->pubkey, holder.key->idx) == 0;
}

KeyObstacle ec_obstacle(const PublicKey& key) {
    if (key.curve == Curve::explicit_parameters) return KeyObstacle::explicit_curve;
    if (curve_id(key.curve) == ECC_CURVE_INVALID) return KeyObstacle::unknown_curve;
    if (key.key.empty() || key.key[0] != 0x04) return KeyObstacle::compressed_point;
    EccHolder ecc;
    return load_ec(ecc, key) ? KeyObstacle::none : KeyObstacle::off_curve;
}

SignatureResult verify_ecdsa(const PublicKey& key, const Hash& hash, Bytes message, Bytes signature) {
    if (curve_id(key.curve) == ECC_CURVE_INVALID || key.key.empty() || key.key[0] != 0x04)
        return SignatureResult::unusable_key;
    DerContext context(signature);
    DerReader reader(signature, context);
    DerReader pair = reader.sequence();
    reader.end();
    const Bytes r = pair.positive_integer();
    const Bytes s = pair.positive_integer();
    pair.end();
    const std::size_t largest = (key.bits + 7) / 8;
    if (context.failed()) return SignatureResult::no_signature;
    if (r.size() > largest || s.size() > largest) return SignatureResult::bad;
    EccHolder ecc;
    if (!load_ec(ecc, key)) return SignatureResult::unusable_key;
    Number r_number(r);
    Number s_number(s);
    const ByteVector message_digest = digest(hash, message);
    int good = 0;
    const bool done = r_number.ready() && s_number.ready() && !message_digest.empty() &&
                      wc_ecc_verify_hash_ex(r_number.value(), s_number.value(), message_digest.data(),
                                            size_of(message_digest), &good, ecc.key.get()) == 0;
    return good_if(done && good == 1);
}

SignatureResult verify_ed25519(const PublicKey& key, Bytes message, Bytes signature) {
    Ed25519Holder holder;
    int good = 0;
    const bool done = holder.ready &&
                      wc_ed25519_import_public(key.key.data(), size_of(key.key), holder.key.get()) == 0 &&
                      wc_ed25519_verify_msg(signature.data(), size_of(signature), message.data(), size_of(message),
                                            &good, holder.key.get()) == 0;
    return good_if(done && good == 1);
}

SignatureResult verify_ed448(const PublicKey& key, Bytes message, Bytes signature) {
    Ed448Holder holder;
    int good = 0;
    const bool done = holder.ready && wc_ed448_import_public(key.key.data(), size_of(key.key), holder.key.get()) == 0 &&
                      wc_ed448_verify_msg(signature.data(), size_of(signature), message.data(), size_of(message), &good,
                                          holder.key.get(), nullptr, 0) == 0;
    return good_if(done && good == 1);
}

// RFC 4055 §5: NULL for RSA (absent is tolerated, RFC 8017 §A.2.4 allows it). RFC 5758 §3.2
// requires none for ECDSA. Some issuers wrote NULL anyway, which OpenSSL, GnuTLS, mbedTLS and Go
// treat as absent.
bool parameters_fit(Bytes parameters) { return parameters.empty() || std::ranges::equal(parameters, null_parameters); }

// Keys for key agreement or encryption, which never sign: X25519, X448 (RFC 8410), Diffie-Hellman
// (RFC 3279, PKCS #3), ECDH and ECMQV (RFC 5480), RSAES-OAEP (RFC 4055), ML-KEM (FIPS 203).
bool signs_nothing(Oid algorithm) {
    static constexpr OidConstant known[] = {{"1.3.101.110"},
                                            {"1.3.101.111"},
                                            {"1.2.840.10046.2.1"},
                                            {"1.2.840.113549.1.3.1"},
                                            {"1.3.132.1.12"},
                                            {"1.3.132.1.13"},
                                            {"1.2.840.113549.1.1.7"},
                                            {"2.16.840.1.101.3.4.4.1"},
                                            {"2.16.840.1.101.3.4.4.2"},
                                            {"2.16.840.1.101.3.4.4.3"}};
    return std::ranges::any_of(known, [&](const OidConstant& one) { return static_cast<Oid>(one) == algorithm; });
}

// Signature algorithms with a kind of key of their own, under NIST's sigAlgs
// (2.16.840.1.101.3.4.3): 1 to 8 are DSA, 9 to 16 sign with an EC or RSA key, from 17 on are ML-DSA
// (FIPS 204) and SLH-DSA (FIPS 205).
bool has_keys_of_its_own(Oid algorithm) {
    static constexpr OidConstant first{"2.16.840.1.101.3.4.3.1"};
    const Oid one = first;
    const std::size_t arc = one.content.size() - 1;
    if (algorithm.content.size() != one.content.size() ||
        !std::ranges::equal(algorithm.content.first(arc), one.content.first(arc)))
        return false;
    const std::uint8_t number = algorithm.content.back();
    return number <= 8 || number >= 17;
}

}  // namespace

std::array<std::uint8_t, 32> sha256(Bytes data) {
    std::array<std::uint8_t, 32> result{};
    wc_Sha256Hash(data.data(), size_of(data), result.data());
    return result;
}

std::array<std::uint8_t, 20> sha1(Bytes data) {
    std::array<std::uint8_t, 20> result{};
    wc_ShaHash(data.data(), size_of(data), result.data());
    return result;
}

std::array<std::uint8_t, 48> sha384(Bytes data) {
    std::array<std::uint8_t, 48> result{};
    wc_Sha384Hash(data.data(), size_of(data), result.data());
    return result;
}

std::array<std::uint8_t, 64> sha512(Bytes data) {
    std::array<std::uint8_t, 64> result{};
    wc_Sha512Hash(data.data(), size_of(data), result.data());
    return result;
}

SignatureResult verify_signature(const PublicKey& key, const AlgorithmIdentifier& algorithm, Bytes message,
                                 Bytes signature) {
    const Oid wanted = algorithm.algorithm;
    if (key.kind == KeyKind::unknown || key.kind == KeyKind::dsa) return SignatureResult::unusable_key;
    if (wanted == oid::rsa_pss) {
        if (key.kind != KeyKind::rsa && key.kind != KeyKind::rsa_pss) return SignatureResult::wrong_key;
        return verify_pss(key, algorithm, message, signature);
    }
    if (wanted == oid::ed25519 || wanted == oid::ed448) {
        const KeyKind kind = wanted == oid::ed25519 ? KeyKind::ed25519 : KeyKind::ed448;
        if (key.kind != kind) return SignatureResult::wrong_key;
        if (!algorithm.parameters.empty()) return SignatureResult::odd_parameters;  // RFC 8410 §3
        return kind == KeyKind::ed25519 ? verify_ed25519(key, message, signature)
                                        : verify_ed448(key, message, signature);
    }
    for (const Algorithm& known : algorithms) {
        if (static_cast<Oid>(known.oid) != wanted) continue;
        // RFC 4055 §1.2: an id-RSASSA-PSS key makes only PSS signatures.
        if (key.kind != (known.scheme == Scheme::ecdsa ? KeyKind::ec : KeyKind::rsa)) return SignatureResult::wrong_key;
        if (!parameters_fit(algorithm.parameters)) return SignatureResult::odd_parameters;
        return known.scheme == Scheme::ecdsa ? verify_ecdsa(key, *known.hash, message, signature)
                                             : verify_pkcs1(key, *known.hash, message, signature);
    }
    return has_keys_of_its_own(wanted) ? SignatureResult::wrong_key : SignatureResult::unknown_algorithm;
}

bool fits_tls_schemes(const PublicKey& key) {
    if (key.kind != KeyKind::rsa_pss || key.algorithm.parameters.empty()) return true;
    const auto allowed = read_pss(key.algorithm.parameters);
    if (!allowed || allowed->hash != allowed->mask_hash || allowed->salt_length > allowed->hash->size) return false;
    return allowed->hash == &hash_sha256 || allowed->hash == &hash_sha384 || allowed->hash == &hash_sha512;
}

KeyObstacle key_obstacle(const PublicKey& key) {
    switch (key.kind) {
        case KeyKind::rsa:
        case KeyKind::rsa_pss: return rsa_obstacle(key);
        case KeyKind::ec: return ec_obstacle(key);
        case KeyKind::dsa: return KeyObstacle::dsa;
        case KeyKind::unknown:
            return signs_nothing(key.algorithm.algorithm) ? KeyObstacle::signs_nothing : KeyObstacle::unknown_algorithm;
        case KeyKind::ed25519:
        case KeyKind::ed448: break;
    }
    return KeyObstacle::none;
}

}  // namespace certs
