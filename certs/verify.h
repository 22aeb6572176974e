// Certification path validation (RFC 5280 §6, path building in the spirit of RFC 4158, names by RFC 9525) as one pure
// function: certificates, anchors, name and time in, a Verdict out. No clock, no file, no network.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "certs/trust_store.h"
#include "certs/verdict.h"

namespace certs {

struct VerifyInput {
    std::span<const Bytes> served;  // DER as the server sent it, leaf first; may be malformed
    const TrustStore& trust;
    std::string_view host;          // host name (A- or U-labels, trailing dot allowed) or IP address, brackets allowed
    Time at;
};

// Never throws, never blocks; its work is bounded whatever the certificates are.
Verdict verify(const VerifyInput& input);

}  // namespace certs
