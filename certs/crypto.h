// The cryptography that certificates need, done by wolfCrypt: digests and signature verification. Answers whether a
// signature is right, never whether its algorithm is good enough (rules.h).
#pragma once

#include <array>
#include <cstdint>

#include "certs/bytes.h"
#include "certs/public_key.h"

namespace certs {

std::array<std::uint8_t, 32> sha256(Bytes data);
std::array<std::uint8_t, 20> sha1(Bytes data);

enum class SignatureResult {
    good,
    bad,
    wrong_key,    // the key's kind is not the algorithm's: an EC key cannot have made an RSA signature
    unsupported,  // an algorithm, a curve or parameters that are not known here
};

// Whether `key` signed `message`. RSA PKCS#1 v1.5 (RFC 8017 §8.2) and PSS with its parameters (RFC 4055 §3.1, §3.3), ECDSA
// (RFC 5758 §3.2), Ed25519 and Ed448 (RFC 8410); with MD5 and SHA-1 to SHA-512.
SignatureResult verify_signature(const PublicKey& key, const AlgorithmIdentifier& algorithm, Bytes message, Bytes signature);

}  // namespace certs
