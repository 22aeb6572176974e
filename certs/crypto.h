// The cryptography that certificates need, done by wolfCrypt: digests and signature verification.
// Answers whether a signature is right, not whether its algorithm is good enough (rules.h).
#pragma once

#include <array>
#include <cstdint>

#include "certs/bytes.h"
#include "certs/public_key.h"

namespace certs {

std::array<std::uint8_t, 32> sha256(Bytes data);
std::array<std::uint8_t, 20> sha1(Bytes data);
std::array<std::uint8_t, 48> sha384(Bytes data);
std::array<std::uint8_t, 64> sha512(Bytes data);

enum class SignatureResult {
    good,
    bad,                // by another key, or over another message; which of the two is unknown
    wrong_digest,       // by this key, over another message: the padding of an RSA signature shows it
    no_signature,       // not the encoding of a signature, whatever the key
    wrong_key,          // the key is of another kind than the algorithm: an EC key cannot have made an RSA signature
    unknown_algorithm,  // not known here
    odd_parameters,     // the algorithm's parameters are not those of its RFC, or name a hash that is not known here
    unusable_key,       // key_obstacle() says why
    unchecked,          // not computed: a caller's budget was spent
};

// Whether it is certain that the key did not make that signature over that message.
constexpr bool is_refuted(SignatureResult result) {
    return result == SignatureResult::bad || result == SignatureResult::wrong_digest ||
           result == SignatureResult::no_signature || result == SignatureResult::wrong_key;
}

// Why no signature of a key can be verified here.
enum class KeyObstacle {
    none,
    unknown_algorithm,
    signs_nothing,  // a key for key agreement or encryption: X25519, RSAES-OAEP
    dsa,
    unknown_curve,  // not P-256, P-384 or P-521
    explicit_curve,
    compressed_point,    // wolfCrypt is built without them
    off_curve,           // not a point of its curve
    modulus_too_large,   // beyond 8,192 bits
    exponent_too_large,  // beyond 33 bits
    even_number,         // an even modulus or exponent: not an RSA key
};
KeyObstacle key_obstacle(const PublicKey& key);

// Whether a signature by that key can be one of TLS's schemes (RFC 8446 §4.2.3). The parameters of
// an RSASSA-PSS key (RFC 4055 §3.1) may demand another, with two hashes or a longer salt.
bool fits_tls_schemes(const PublicKey& key);

// Whether `key` signed `message`. RSA PKCS#1 v1.5 (RFC 8017 §8.2) and PSS with its parameters (RFC
// 4055 §3.1, §3.3), ECDSA (RFC 5758 §3.2; NULL parameters, which it forbids, are ignored as
// OpenSSL, GnuTLS and Go do), Ed25519 and Ed448 (RFC 8410); with MD5 and SHA-1 to SHA-512.
SignatureResult verify_signature(const PublicKey& key, const AlgorithmIdentifier& algorithm, Bytes message,
                                 Bytes signature);

}  // namespace certs
