// A subject's public key as the certificate carries it (RFC 5280 §4.1.2.7): which kind, how large,
// the raw numbers. Knows the encodings of RFC 3279, RFC 5480 and RFC 8410; computes nothing with a
// key (crypto.h does).
#pragma once

#include <cstddef>
#include <string>

#include "certs/bytes.h"
#include "certs/der.h"
#include "certs/oid.h"

namespace certs {

// RFC 5280 §4.1.1.2.
struct AlgorithmIdentifier {
    Bytes der;  // the whole SEQUENCE
    Oid algorithm;
    Bytes parameters;  // the element with its header; empty when absent
};
AlgorithmIdentifier read_algorithm(DerReader& reader);
// "sha256WithRSAEncryption", "RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes";
// parameters that do not belong there are mentioned.
std::string algorithm_text(const AlgorithmIdentifier& algorithm);

enum class KeyKind { rsa, rsa_pss, ec, ed25519, ed448, dsa, unknown };
enum class Curve { none, p192, p224, p256, p384, p521, secp256k1, other_named, explicit_parameters };

struct PublicKey {
    Bytes der;  // the whole SubjectPublicKeyInfo
    AlgorithmIdentifier algorithm;
    Bytes key;  // the BIT STRING's bytes
    KeyKind kind = KeyKind::unknown;
    Curve curve = Curve::none;  // of an EC key
    std::size_t bits = 0;       // of an RSA modulus, a curve's field or a DSA prime; 0 when unknown
    Bytes modulus, exponent;    // RSA: big-endian, without leading zeros

    std::string name() const;  // "EC P-256", "RSA 2048", "Ed25519", "EC explicit parameters", or a dotted OID
};

// The length in bits of a big-endian number without leading zeros; 0 for an empty one.
std::size_t bit_length(Bytes number);

// Reads a SubjectPublicKeyInfo. A key of a known kind must be well formed (an RSA key's two
// positive numbers, a point of the curve's length); any other kind passes as `unknown`.
PublicKey read_public_key(DerReader& reader, DerContext& context);

}  // namespace certs
