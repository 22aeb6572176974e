// A private key as a value: it is generated or parsed, gives its public half, and signs. Knows the
// algorithms and their encodings, not certificates. wolfCrypt does the arithmetic and stays behind
// this header. A key is decoded again for every signature, because the library's own key objects
// change while they sign and could not be shared by threads.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "certs/bytes.h"

namespace certs {

enum class PrivateKeyKind { ec_p256, ec_p384, ec_p521, rsa, ed25519 };

// RFC 5758 §3.2, RFC 8017 §A.2.4, RFC 4055 §3.1, RFC 8410 §3. The weak ones exist for tests of our
// verifier.
enum class SignatureAlgorithm {
    ecdsa_sha1,
    ecdsa_sha256,
    ecdsa_sha384,
    ecdsa_sha512,
    rsa_md5,
    rsa_sha1,
    rsa_sha256,
    rsa_sha384,
    rsa_sha512,
    rsa_pss_sha256,
    rsa_pss_sha384,
    rsa_pss_sha512,
    ed25519,
};

// Why bytes are not a usable key.
enum class KeyError {
    not_a_key,    // neither PEM nor DER of a private key
    encrypted,    // needs a pass phrase
    unsupported,  // a key of another kind, or damaged
};

class PrivateKey {
public:
    // `rsa_bits` counts only for RSA: 512 to 8,192. Throws std::runtime_error when the system gives
    // no randomness.
    static PrivateKey generate(PrivateKeyKind kind, unsigned rsa_bits = 2048);

    // PKCS#8 (RFC 5958), SEC 1 (RFC 5915) or PKCS#1 (RFC 8017), as DER or as the first private key
    // in a PEM text (RFC 7468). The public half is computed, never believed.
    static std::expected<PrivateKey, KeyError> parse(Bytes input);

    PrivateKeyKind kind() const { return kind_; }
    // SEC 1 ECPrivateKey, PKCS#1 RSAPrivateKey, or for Ed25519 PKCS#8: what a TLS library reads.
    const ByteVector& der() const { return der_; }
    std::string pem() const;

    // SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), DER.
    ByteVector public_key_info() const;
    // The content of its subjectPublicKey.
    const ByteVector& public_bits() const { return public_bits_; }
    // RFC 5280 §4.2.1.2, method (1): SHA-1 of the subjectPublicKey bits.
    ByteVector key_identifier() const;

    // The usual choice for this key: a digest as strong as the curve, SHA-256 for RSA.
    SignatureAlgorithm preferred_signature() const;
    // The signatureValue over `message`, as a certificate's BIT STRING holds it. Throws
    // std::invalid_argument for an algorithm of another kind of key, std::runtime_error when the
    // system gives no randomness.
    ByteVector sign(SignatureAlgorithm algorithm, Bytes message) const;

    bool operator==(const PrivateKey&) const = default;

private:
    PrivateKey(PrivateKeyKind kind, ByteVector der, ByteVector public_bits);

    PrivateKeyKind kind_;
    ByteVector der_;
    ByteVector public_bits_;  // content of the subjectPublicKey BIT STRING
};

// RFC 5280 §4.1.1.2: the AlgorithmIdentifier that names it.
ByteVector algorithm_identifier(SignatureAlgorithm algorithm);

}  // namespace certs
