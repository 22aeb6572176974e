// How much hashing a password costs before it opens anything: the iteration counts that an
// encrypted key or a PKCS #12 file declares. They are read before any hashing is done, because
// whoever made the file chose them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "certs/bytes.h"

namespace certs {

// The limit for one file: its MAC, its certificates and its key, each with the 5 million that
// Java's PKCS #12 key store accepts at most. Programs that write such files use 2,048 (OpenSSL 3)
// to 600,000 (NSS).
inline constexpr std::uint64_t most_iterations = 15'000'000;

// The count of an EncryptedPrivateKeyInfo (RFC 5958 §3) in DER; nullopt for anything else.
std::optional<std::uint64_t> iterations_of_key(Bytes der);

// The sum of the counts of a PFX (RFC 7292 §4) in DER; nullopt for anything else. An encrypted part
// may contain an encrypted key: such parts are opened as long as the sum so far is within the
// limit.
std::optional<std::uint64_t> iterations_of_pkcs12(Bytes der, const std::string& password);

}  // namespace certs
