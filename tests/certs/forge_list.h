// Forges certificate revocation lists (RFC 5280 §5) for tests.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "certs/crl.h"
#include "certs/der_writer.h"
#include "tests/support/forge.h"

namespace tests {

struct ListForge {
    struct Revoked {
        std::int64_t serial = 0;
        std::optional<int> reason;
    };
    std::vector<Revoked> revoked;
    certs::Time this_update = days_later(-1);
    std::optional<certs::Time> next_update = days_later(6);
    std::vector<ForgedExtension> extensions{{"2.5.29.20", false, certs::der_integer(7)}};
    bool broken_signature = false;

    certs::ByteVector signed_by(const Forged& issuer) const {
        const certs::SignatureAlgorithm algorithm = issuer.key.preferred_signature();
        const certs::ByteVector identifier = certs::algorithm_identifier(algorithm);
        std::vector<certs::ByteVector> entries, extras;
        for (const Revoked& entry : revoked) {
            certs::ByteVector reason;
            if (entry.reason) {
                const std::uint8_t code = static_cast<std::uint8_t>(*entry.reason);
                const certs::ByteVector enumerated = certs::der_element(0x0A, certs::Bytes(&code, 1));
                reason = certs::der_sequence({certs::der_sequence({certs::der_oid("2.5.29.21"), certs::der_octet_string(enumerated)})});
            }
            entries.push_back(certs::der_sequence({certs::der_integer(entry.serial), certs::der_time(days_later(-2)), reason}));
        }
        for (const ForgedExtension& extension : extensions) {
            extras.push_back(
                certs::der_sequence({certs::der_oid(extension.oid), extension.critical ? certs::der_boolean(true) : certs::ByteVector{},
                                     certs::der_octet_string(extension.value)}));
        }
        const certs::ByteVector tbs =
            certs::der_sequence({certs::der_integer(1), identifier, issuer.subject, certs::der_time(this_update),
                                 next_update ? certs::der_time(*next_update) : certs::ByteVector{},
                                 entries.empty() ? certs::ByteVector{} : certs::der_sequence_of(entries),
                                 extras.empty() ? certs::ByteVector{} : certs::der_context(0, certs::der_sequence_of(extras))});
        certs::ByteVector signature = issuer.key.sign(algorithm, tbs);
        if (broken_signature) signature.back() ^= 1;
        return certs::der_sequence({tbs, identifier, certs::der_bit_string(signature)});
    }
};

}  // namespace tests
