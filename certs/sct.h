// Signed certificate timestamps (RFC 6962 §3.2, §3.3): the promises of Certificate Transparency
// logs that a certificate carries, read strictly from TLS's encoding. Knows no log and no key:
// whether a promise is genuine is not checked here.
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "certs/bytes.h"
#include "certs/der.h"

namespace certs {

struct Sct {
    std::uint8_t version = 0;        // 0 is v1, the only one there is; for another, only the version is known
    Bytes log_id;                    // the SHA-256 of the log's key, 32 bytes
    std::uint64_t milliseconds = 0;  // since 1970
    Bytes extensions, signature;
};

// Reads a SignedCertificateTimestampList as the certificate's extension or a staple carries it; the
// views are of `list`. Errors: an empty list, an empty entry, excess bytes (RFC 6962 §3.3:
// SerializedSCT<1..2^16-1>, sct_list<1..2^16-1>).
std::expected<std::vector<Sct>, ParseError> read_sct_list(Bytes list);

}  // namespace certs
