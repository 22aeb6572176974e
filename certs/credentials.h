// A certificate and its private key as people keep them: PEM blocks in any order, or PKCS #12 (RFC
// 7292). Knows how they are stored and encrypted, not whether they belong together or are good.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/private_key.h"

namespace certs {

struct Credentials {
    std::vector<ByteVector> certificates;  // DER, in the file's order; in PKCS #12 the key's own first
    std::optional<PrivateKey> key;
};

enum class CredentialsError {
    nothing,              // neither a certificate nor a key, or a text that is cut off
    locked,               // needs a password
    old_encryption,       // a PEM key encrypted as a header declares (RFC 1421 §4.6.1.1): no password opens it here
    wrong_password,       // needs another password
    unsupported_key,      // a key of another kind, or damaged
    unsupported_pkcs12,   // protected by an algorithm not known here (3DES and RC2 of older programs), or damaged
    too_many_iterations,  // opening it would take more hashing than certs/iterations.h allows
};

// Reads what a file's content contains of either. `password` decrypts what is encrypted; nullopt
// when there is none.
std::expected<Credentials, CredentialsError> read_credentials(std::string_view file,
                                                              const std::optional<std::string>& password);

// Whether the key belongs to the certificate (DER).
bool belongs_to(const PrivateKey& key, Bytes certificate);

}  // namespace certs
