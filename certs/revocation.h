// Whether a certificate of a path is revoked, according to the lists (RFC 5280 §6.3) and the OCSP
// responses (RFC 6960 §3.2) that were handed in. Fetches nothing. Distinguishes an unusable answer
// about the certificate from no answer.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "certs/crl.h"
#include "certs/ocsp.h"
#include "certs/path_builder.h"
#include "certs/verdict.h"

namespace certs {

enum class RevocationDemand {
    best_effort,  // an answer that cannot be used is a notice (--revocation staple and soft)
    usable,       // what was handed in about a certificate must be usable; none handed in is not a failure
    // Every certificate but the anchor that names a responder or a list needs an answer
    // (--revocation hard); one that names none passes with a notice.
    where_named,
    everywhere,  // every certificate but the anchor needs an answer
};

// Whether the handshake asked the server for a stapled response (RFC 6066 §8), and whether one
// came. With `absent` a leaf that promises one (RFC 7633) fails as must_staple_missing.
enum class Stapling { not_asked, absent, present };

struct RevocationInput {
    std::span<const Crl> lists = {};  // NOLINT(readability-redundant-member-init)
    // The stapled one among them.
    std::span<const OcspResponse> responses = {};  // NOLINT(readability-redundant-member-init)
    RevocationDemand demand = RevocationDemand::usable;
    Stapling stapling = Stapling::not_asked;
};

enum class RevocationStatus { not_asked, good, revoked, unavailable };
struct RevocationAnswer {
    RevocationStatus status = RevocationStatus::not_asked;
    RevocationEvidence evidence;              // of the entry, or why there is none; when good: thisUpdate and source
    Severity severity = Severity::error;      // when unavailable: what the demand makes of it
    std::string_view rule = "RFC 5280 §6.3";  // a literal: the standard that the answer follows
    bool list_without_number = false;         // §5.2.3, worth a notice
};

// Checks the certificate at `depth` of a path (leaf first, its issuer above it).
RevocationAnswer check_revocation(std::span<const Certificate* const> path, std::size_t depth,
                                  const RevocationInput& input, Time at, PathBuilder& builder);

}  // namespace certs
