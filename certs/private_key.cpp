#include "certs/private_key.h"

#include <wolfssl/options.h>

#include <fmt/format.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/der_writer.h"
#include "certs/pem.h"

namespace certs {
namespace {

// wolfCrypt returns either the result or an error that is our fault or the system's: there is no
// third case.
void require(int status, const char* what) {
    if (status < 0) throw std::runtime_error(fmt::format("{} failed ({})", what, status));
}

// One generator per thread: seeding one costs more than a signature, and sharing one needs a lock.
class Random {
public:
    Random() { require(wc_InitRng(&rng_), "seeding the random generator"); }
    ~Random() { wc_FreeRng(&rng_); }
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    WC_RNG* get() { return &rng_; }

private:
    WC_RNG rng_;
};

WC_RNG* thread_random() {
    thread_local Random random;
    return random.get();
}

// wolfCrypt's key objects, each with its init and free function.
template <typename Key, auto init, auto release>
class Handle {
public:
    Handle() { require(init(&key_), "setting up a key"); }
    ~Handle() { release(&key_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Key* get() { return &key_; }

private:
    Key key_;
};

int init_rsa(RsaKey* key) { return wc_InitRsaKey(key, nullptr); }

using EcKey = Handle<ecc_key, wc_ecc_init, wc_ecc_free>;
using RsaHandle = Handle<RsaKey, init_rsa, wc_FreeRsaKey>;
using EdKey = Handle<ed25519_key, wc_ed25519_init, wc_ed25519_free>;

struct SigningCurve {
    PrivateKeyKind kind;
    int wolfcrypt_id;
    std::size_t size;  // bytes of a coordinate
    const char* oid;
};

constexpr SigningCurve signing_curves[] = {
    {PrivateKeyKind::ec_p256, ECC_SECP256R1, 32, "1.2.840.10045.3.1.7"},
    {PrivateKeyKind::ec_p384, ECC_SECP384R1, 48, "1.3.132.0.34"},
    {PrivateKeyKind::ec_p521, ECC_SECP521R1, 66, "1.3.132.0.35"},
};

const SigningCurve* curve_of(PrivateKeyKind kind) {
    for (const SigningCurve& curve : signing_curves) {
        if (curve.kind == kind) return &curve;
    }
    return nullptr;
}

const SigningCurve* curve_of(const ecc_key* key) {
    for (const SigningCurve& curve : signing_curves) {
        if (key->dp != nullptr && key->dp->id == curve.wolfcrypt_id) return &curve;
    }
    return nullptr;
}

word32 size_of(Bytes bytes) { return static_cast<word32>(bytes.size()); }

// The content of a key object, in the forms that PrivateKey keeps.
struct Encoded {
    PrivateKeyKind kind;
    ByteVector der;
    ByteVector public_bits;
};

// RFC 5915 §3.
std::optional<Encoded> encode(ecc_key* key) {
    const SigningCurve* curve = curve_of(key);
    if (curve == nullptr) return std::nullopt;
    ByteVector point(1 + 2 * curve->size), scalar(curve->size);
    word32 point_size = size_of(point), scalar_size = size_of(scalar);
    if (wc_ecc_export_x963(key, point.data(), &point_size) != 0 || point_size != point.size()) return std::nullopt;
    if (wc_ecc_export_private_only(key, scalar.data(), &scalar_size) != 0 || scalar_size != scalar.size())
        return std::nullopt;
    ByteVector der = der_sequence({der_integer(1), der_octet_string(scalar), der_context(0, der_oid(curve->oid)),
                                   der_context(1, der_bit_string(point))});
    return Encoded{curve->kind, std::move(der), std::move(point)};
}

std::optional<Encoded> encode(RsaKey* key) {
    const int private_size = wc_RsaKeyToDer(key, nullptr, 0);
    const int public_size = wc_RsaPublicKeyDerSize(key, 0);
    if (private_size <= 0 || public_size <= 0) return std::nullopt;
    ByteVector der(static_cast<std::size_t>(private_size)), bits(static_cast<std::size_t>(public_size));
    if (wc_RsaKeyToDer(key, der.data(), size_of(der)) != private_size) return std::nullopt;
    if (wc_RsaKeyToPublicDer_ex(key, bits.data(), size_of(bits), 0) != public_size) return std::nullopt;
    return Encoded{PrivateKeyKind::rsa, std::move(der), std::move(bits)};
}

// RFC 8410 §7; the public half is made from the seed.
std::optional<Encoded> encode(ed25519_key* key) {
    ByteVector seed(ED25519_KEY_SIZE), point(ED25519_PUB_KEY_SIZE);
    word32 seed_size = size_of(seed);
    if (wc_ed25519_export_private_only(key, seed.data(), &seed_size) != 0) return std::nullopt;
    if (wc_ed25519_make_public(key, point.data(), size_of(point)) != 0) return std::nullopt;
    ByteVector der = der_sequence(
        {der_integer(0), der_sequence({der_oid("1.3.101.112")}), der_octet_string(der_octet_string(seed))});
    return Encoded{PrivateKeyKind::ed25519, std::move(der), std::move(point)};
}

std::optional<Encoded> decode_ec(Bytes der) {
    EcKey key;
    word32 at = 0;
    if (wc_EccPrivateKeyDecode(der.data(), &at, key.get(), size_of(der)) != 0) return std::nullopt;
    // wolfCrypt takes a curve that it does not know (secp256k1) for the known one of that size.
    const SigningCurve* curve = curve_of(key.get());
    if (curve == nullptr || std::ranges::search(der, der_oid(curve->oid)).empty()) return std::nullopt;
    if (wc_ecc_make_pub_ex(key.get(), nullptr, thread_random()) != 0) return std::nullopt;
    return encode(key.get());
}

std::optional<Encoded> decode_rsa(Bytes der) {
    RsaHandle key;
    word32 at = 0;
    if (wc_RsaPrivateKeyDecode(der.data(), &at, key.get(), size_of(der)) != 0) return std::nullopt;
    return encode(key.get());
}

std::optional<Encoded> decode_ed25519(Bytes der) {
    EdKey key;
    word32 at = 0;
    if (wc_Ed25519PrivateKeyDecode(der.data(), &at, key.get(), size_of(der)) != 0) return std::nullopt;
    return encode(key.get());
}

std::optional<Encoded> decode(Bytes der) {
    if (std::optional<Encoded> key = decode_ed25519(der)) return key;
    if (std::optional<Encoded> key = decode_ec(der)) return key;
    return decode_rsa(der);
}

std::expected<ByteVector, KeyError> der_of_pem(std::string_view text) {
    std::expected<std::vector<PemBlock>, PemError> blocks = read_pem(text);
    if (!blocks) return std::unexpected(KeyError::not_a_key);
    for (PemBlock& block : *blocks) {
        if (block.label == "ENCRYPTED PRIVATE KEY") return std::unexpected(KeyError::encrypted);
        if (!block.label.ends_with("PRIVATE KEY")) continue;
        // OpenSSL's traditional encryption is declared only in a header (RFC 1421 §4.6.1.1); the
        // content is noise.
        if (text.contains("Proc-Type: 4,ENCRYPTED")) return std::unexpected(KeyError::encrypted);
        return std::move(block.content);
    }
    return std::unexpected(KeyError::not_a_key);
}

enum class Scheme { ecdsa, rsa_pkcs1, rsa_pss, ed25519 };

struct Digest {
    wc_HashType type;
    int mgf;
    std::size_t size;  // bytes
    const char* oid;
};

constexpr Digest md5{WC_HASH_TYPE_MD5, WC_MGF1NONE, 16, "1.2.840.113549.2.5"};
constexpr Digest sha1{WC_HASH_TYPE_SHA, WC_MGF1SHA1, 20, "1.3.14.3.2.26"};
constexpr Digest sha256{WC_HASH_TYPE_SHA256, WC_MGF1SHA256, 32, "2.16.840.1.101.3.4.2.1"};
constexpr Digest sha384{WC_HASH_TYPE_SHA384, WC_MGF1SHA384, 48, "2.16.840.1.101.3.4.2.2"};
constexpr Digest sha512{WC_HASH_TYPE_SHA512, WC_MGF1SHA512, 64, "2.16.840.1.101.3.4.2.3"};

struct Parameters {
    Scheme scheme;
    const Digest* digest;  // null for Ed25519, which hashes by itself
    const char* oid;
};

Parameters parameters_of(SignatureAlgorithm algorithm) {
    using enum SignatureAlgorithm;
    switch (algorithm) {
        case ecdsa_sha1: return {Scheme::ecdsa, &sha1, "1.2.840.10045.4.1"};
        case ecdsa_sha256: return {Scheme::ecdsa, &sha256, "1.2.840.10045.4.3.2"};
        case ecdsa_sha384: return {Scheme::ecdsa, &sha384, "1.2.840.10045.4.3.3"};
        case ecdsa_sha512: return {Scheme::ecdsa, &sha512, "1.2.840.10045.4.3.4"};
        case rsa_md5: return {Scheme::rsa_pkcs1, &md5, "1.2.840.113549.1.1.4"};
        case rsa_sha1: return {Scheme::rsa_pkcs1, &sha1, "1.2.840.113549.1.1.5"};
        case rsa_sha256: return {Scheme::rsa_pkcs1, &sha256, "1.2.840.113549.1.1.11"};
        case rsa_sha384: return {Scheme::rsa_pkcs1, &sha384, "1.2.840.113549.1.1.12"};
        case rsa_sha512: return {Scheme::rsa_pkcs1, &sha512, "1.2.840.113549.1.1.13"};
        case rsa_pss_sha256: return {Scheme::rsa_pss, &sha256, "1.2.840.113549.1.1.10"};
        case rsa_pss_sha384: return {Scheme::rsa_pss, &sha384, "1.2.840.113549.1.1.10"};
        case rsa_pss_sha512: return {Scheme::rsa_pss, &sha512, "1.2.840.113549.1.1.10"};
        case ed25519: return {Scheme::ed25519, nullptr, "1.3.101.112"};
    }
    std::unreachable();
}

ByteVector hash(const Digest& digest, Bytes message) {
    ByteVector value(digest.size);
    require(wc_Hash(digest.type, message.data(), size_of(message), value.data(), size_of(value)), "hashing");
    return value;
}

ByteVector digest_identifier(const Digest& digest) { return der_sequence({der_oid(digest.oid), der_null()}); }

// RFC 4055 §3.1: the salt is as long as the digest.
ByteVector pss_parameters(const Digest& digest) {
    const ByteVector identifier = digest_identifier(digest);
    return der_sequence({der_context(0, identifier),
                         der_context(1, der_sequence({der_oid("1.2.840.113549.1.1.8"), identifier})),
                         der_context(2, der_integer(static_cast<std::int64_t>(digest.size)))});
}

ByteVector sign_ecdsa(Bytes key_der, const Digest& digest, Bytes message) {
    EcKey key;
    word32 at = 0;
    require(wc_EccPrivateKeyDecode(key_der.data(), &at, key.get(), size_of(key_der)), "reading an EC key");
    const ByteVector value = hash(digest, message);
    ByteVector signature(ECC_MAX_SIG_SIZE);
    word32 size = size_of(signature);
    require(wc_ecc_sign_hash(value.data(), size_of(value), signature.data(), &size, thread_random(), key.get()),
            "an ECDSA signature");
    signature.resize(size);
    return signature;
}

ByteVector sign_rsa(Bytes key_der, const Parameters& parameters, Bytes message) {
    RsaHandle key;
    word32 at = 0;
    require(wc_RsaPrivateKeyDecode(key_der.data(), &at, key.get(), size_of(key_der)), "reading an RSA key");
    require(wc_RsaSetRNG(key.get(), thread_random()), "blinding an RSA key");
    const ByteVector value = hash(*parameters.digest, message);
    ByteVector signature(static_cast<std::size_t>(wc_RsaEncryptSize(key.get())));
    if (parameters.scheme == Scheme::rsa_pss) {
        require(wc_RsaPSS_Sign(value.data(), size_of(value), signature.data(), size_of(signature),
                               parameters.digest->type, parameters.digest->mgf, key.get(), thread_random()),
                "an RSA-PSS signature");
        return signature;
    }
    // RFC 8017 §9.2, step 2.
    const ByteVector info = der_sequence({digest_identifier(*parameters.digest), der_octet_string(value)});
    require(
        wc_RsaSSL_Sign(info.data(), size_of(info), signature.data(), size_of(signature), key.get(), thread_random()),
        "an RSA signature");
    return signature;
}

ByteVector sign_ed25519(Bytes key_der, Bytes public_bits, Bytes message) {
    EdKey key;
    word32 at = 0;
    require(wc_Ed25519PrivateKeyDecode(key_der.data(), &at, key.get(), size_of(key_der)), "reading an Ed25519 key");
    require(wc_ed25519_import_public(public_bits.data(), size_of(public_bits), key.get()),
            "reading an Ed25519 public key");
    ByteVector signature(ED25519_SIG_SIZE);
    word32 size = size_of(signature);
    require(wc_ed25519_sign_msg(message.data(), size_of(message), signature.data(), &size, key.get()),
            "an Ed25519 signature");
    return signature;
}

bool belongs(Scheme scheme, PrivateKeyKind kind) {
    switch (scheme) {
        case Scheme::ecdsa: return curve_of(kind) != nullptr;
        case Scheme::ed25519: return kind == PrivateKeyKind::ed25519;
        case Scheme::rsa_pkcs1:
        case Scheme::rsa_pss: return kind == PrivateKeyKind::rsa;
    }
    std::unreachable();
}

Encoded make_ec(const SigningCurve& curve) {
    EcKey key;
    require(wc_ecc_make_key_ex(thread_random(), static_cast<int>(curve.size), key.get(), curve.wolfcrypt_id),
            "making an EC key");
    return encode(key.get()).value();
}

Encoded make_rsa(unsigned bits) {
    RsaHandle key;
    require(wc_MakeRsaKey(key.get(), static_cast<int>(bits), WC_RSA_EXPONENT, thread_random()), "making an RSA key");
    return encode(key.get()).value();
}

Encoded make_ed25519() {
    EdKey key;
    require(wc_ed25519_make_key(thread_random(), ED25519_KEY_SIZE, key.get()), "making an Ed25519 key");
    return encode(key.get()).value();
}

Encoded make(PrivateKeyKind kind, unsigned rsa_bits) {
    if (kind == PrivateKeyKind::rsa) return make_rsa(rsa_bits);
    if (const SigningCurve* curve = curve_of(kind)) return make_ec(*curve);
    return make_ed25519();
}

}  // namespace

PrivateKey::PrivateKey(PrivateKeyKind kind, ByteVector der, ByteVector public_bits)
    : kind_(kind), der_(std::move(der)), public_bits_(std::move(public_bits)) {}

PrivateKey PrivateKey::generate(PrivateKeyKind kind, unsigned rsa_bits) {
    Encoded key = make(kind, rsa_bits);
    return {key.kind, std::move(key.der), std::move(key.public_bits)};
}

std::expected<PrivateKey, KeyError> PrivateKey::parse(Bytes input) {
    ByteVector der(input.begin(), input.end());
    if (as_text(input).contains("-----BEGIN ")) {
        std::expected<ByteVector, KeyError> decoded = der_of_pem(as_text(input));
        if (!decoded) return std::unexpected(decoded.error());
        der = std::move(*decoded);
    } else if (input.empty() || input.front() != 0x30) {
        return std::unexpected(KeyError::not_a_key);
    }
    std::optional<Encoded> key = decode(der);
    if (!key) return std::unexpected(KeyError::unsupported);
    return PrivateKey(key->kind, std::move(key->der), std::move(key->public_bits));
}

std::string PrivateKey::pem() const {
    const std::string_view label = kind_ == PrivateKeyKind::rsa       ? "RSA PRIVATE KEY"
                                   : kind_ == PrivateKeyKind::ed25519 ? "PRIVATE KEY"
                                                                      : "EC PRIVATE KEY";
    return write_pem(label, der_);
}

ByteVector PrivateKey::public_key_info() const {
    ByteVector algorithm;
    if (kind_ == PrivateKeyKind::rsa) {
        algorithm = der_sequence({der_oid("1.2.840.113549.1.1.1"), der_null()});
    } else if (const SigningCurve* curve = curve_of(kind_)) {
        algorithm = der_sequence({der_oid("1.2.840.10045.2.1"), der_oid(curve->oid)});
    } else {
        algorithm = der_sequence({der_oid("1.3.101.112")});
    }
    return der_sequence({algorithm, der_bit_string(public_bits_)});
}

ByteVector PrivateKey::key_identifier() const { return hash(sha1, public_bits_); }

SignatureAlgorithm PrivateKey::preferred_signature() const {
    switch (kind_) {
        case PrivateKeyKind::ec_p256: return SignatureAlgorithm::ecdsa_sha256;
        case PrivateKeyKind::ec_p384: return SignatureAlgorithm::ecdsa_sha384;
        case PrivateKeyKind::ec_p521: return SignatureAlgorithm::ecdsa_sha512;
        case PrivateKeyKind::rsa: return SignatureAlgorithm::rsa_sha256;
        case PrivateKeyKind::ed25519: return SignatureAlgorithm::ed25519;
    }
    std::unreachable();
}

ByteVector PrivateKey::sign(SignatureAlgorithm algorithm, Bytes message) const {
    const Parameters parameters = parameters_of(algorithm);
    if (!belongs(parameters.scheme, kind_)) throw std::invalid_argument("a signature algorithm of another kind of key");
    switch (parameters.scheme) {
        case Scheme::ecdsa: return sign_ecdsa(der_, *parameters.digest, message);
        case Scheme::ed25519: return sign_ed25519(der_, public_bits_, message);
        case Scheme::rsa_pkcs1:
        case Scheme::rsa_pss: return sign_rsa(der_, parameters, message);
    }
    std::unreachable();
}

ByteVector algorithm_identifier(SignatureAlgorithm algorithm) {
    const Parameters parameters = parameters_of(algorithm);
    const ByteVector oid = der_oid(parameters.oid);
    switch (parameters.scheme) {
        // RFC 5758 §3.2 and RFC 8410 §3: no parameters.
        case Scheme::ecdsa:
        case Scheme::ed25519: return der_sequence({oid});
        case Scheme::rsa_pkcs1: return der_sequence({oid, der_null()});
        case Scheme::rsa_pss: return der_sequence({oid, pss_parameters(*parameters.digest)});
    }
    std::unreachable();
}

}  // namespace certs
