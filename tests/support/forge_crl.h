// Forges certificate revocation lists (RFC 5280 §5) for tests: right ones by default, wrong ones as
// asked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "certs/crl.h"
#include "certs/der_writer.h"
#include "tests/support/forge.h"

namespace tests {

struct ListForge {
    struct Revoked {
        Revoked(std::int64_t number, std::optional<int> why = std::nullopt)
            : serial(certs::der_integer(number)), reason(why) {}
        Revoked(const certs::Certificate& certificate, std::optional<int> why = std::nullopt)
            : serial(certs::der_element(certs::tag::integer, certificate.serial())), reason(why) {}
        certs::ByteVector serial;  // an INTEGER element
        std::optional<int> reason;
    };
    std::vector<Revoked> revoked;
    certs::Time this_update = days_later(-1);
    std::optional<certs::Time> next_update = days_later(6);
    std::vector<ForgedExtension> extensions{{"2.5.29.20", false, certs::der_integer(7)}};
    std::optional<certs::SignatureAlgorithm> signature;  // otherwise what the issuer's key prefers
    bool broken_signature = false;
    certs::Time revoked_at = days_later(-2);

    certs::ByteVector signed_by(const Forged& issuer) const;
};

// Extensions (RFC 5280 §4.1) as lists, their entries and OCSP responses carry them; empty bytes for
// none.
certs::ByteVector encoded_extensions(const std::vector<ForgedExtension>& extensions);
// CRLReason (RFC 5280 §5.3.1), an ENUMERATED.
certs::ByteVector encoded_reason(int reason);

}  // namespace tests
