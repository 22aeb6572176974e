// How much hashing a password costs before what it locks can be opened: the iteration counts that an encrypted key or a PKCS #12 file
// declares, read before any of it is done, for whoever made the file chose them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "certs/bytes.h"

namespace certs {

// Of one file: its MAC, its certificates and its key, each at the 5 million that Java's PKCS #12 key store takes at most. Programs that write
// such files use 2,048 (OpenSSL 3) to 600,000 (NSS).
inline constexpr std::uint64_t most_iterations = 15'000'000;

// Of an EncryptedPrivateKeyInfo (RFC 5958 §3), DER; nullopt when it is none.
std::optional<std::uint64_t> iterations_of_key(Bytes der);

// Of a PFX (RFC 7292 §4), DER, all in all; nullopt when it is none. A locked key may lie in an encrypted part: those are opened, as long as
// what has been counted is within the limit.
std::optional<std::uint64_t> iterations_of_pkcs12(Bytes der, const std::string& password);

}  // namespace certs
