// Forges OCSP responses (RFC 6960 §4.2) for tests: right ones by default, signed by the issuer's
// key, wrong ones as asked.
//
//     const ByteVector good = ResponseForge{}.about(leaf, ca);
//     const ByteVector revoked =
//         ResponseForge{.status = OcspCertStatus::revoked, .reason = 1}.about(leaf, ca);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "certs/ocsp.h"
#include "tests/support/forge.h"

namespace tests {

struct ResponseForge {
    certs::OcspStatus response_status = certs::OcspStatus::successful;  // any other: nothing else is written
    certs::OcspCertStatus status = certs::OcspCertStatus::good;
    std::optional<int> reason = {};
    certs::Time revoked_at = days_later(-2);
    certs::Time this_update = days_later(-1);
    std::optional<certs::Time> next_update = days_later(6);
    certs::Time produced_at = days_later(-1);
    bool id_by_sha256 = false;                             // the CertID; otherwise SHA-1
    std::optional<std::int64_t> serial = {};               // instead of the certificate's
    std::size_t copies = 1;                                // of the single response
    bool by_key_hash = false;                              // the responder's id; otherwise its name
    std::optional<certs::ByteVector> responder_name = {};  // instead of the signer's
    std::optional<Forged> responder = {};                  // signs instead of the issuer, its certificate enclosed
    std::vector<Forged> enclosed = {};                     // further certificates
    std::vector<ForgedExtension> extensions = {}, single_extensions = {};
    std::optional<certs::SignatureAlgorithm> signature = {};  // otherwise what the signer's key prefers
    bool broken_signature = false;

    certs::ByteVector about(const Forged& certificate, const Forged& issuer) const;
};

}  // namespace tests
