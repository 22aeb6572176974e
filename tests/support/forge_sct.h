// Signed certificate timestamps (RFC 6962 §3.3) for tests: well formed, signed by no one.
#pragma once

#include <cstdint>
#include <vector>

#include "certs/bytes.h"
#include "tests/support/forge.h"

namespace tests {

inline constexpr std::uint64_t sct_milliseconds = 1'780'315'200'000;

// A timestamp of a log whose name is 32 times that letter.
certs::ByteVector sct(char log);
certs::ByteVector sct_list(const std::vector<certs::ByteVector>& entries);
// The certificate's extension with one timestamp per letter.
ForgedExtension sct_extension(const std::string& logs);

}  // namespace tests
