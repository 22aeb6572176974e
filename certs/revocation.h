// Whether a certificate of a path is revoked, by the lists that were handed in (RFC 5280 §6.3). Fetches nothing; a list that names
// the certificate's issuer but cannot be used is told apart from none.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "certs/crl.h"
#include "certs/path_builder.h"
#include "certs/verdict.h"

namespace certs {

enum class RevocationDemand {
    available,  // what was handed in is asked; no list is no failure, a list of the issuer that cannot be used is one
    required,   // every certificate but the anchor needs an answer
};

struct RevocationInput {
    std::span<const Crl> lists;
    RevocationDemand demand = RevocationDemand::available;
};

enum class RevocationStatus { not_asked, good, revoked, unavailable };
struct RevocationAnswer {
    RevocationStatus status = RevocationStatus::not_asked;
    RevocationEvidence evidence;       // of the entry, or why there is no answer
    bool list_without_number = false;  // §5.2.3, worth a notice
};

// About the certificate at `depth` of a path (leaf first, its issuer above it).
RevocationAnswer check_revocation(std::span<const Certificate* const> path, std::size_t depth, const RevocationInput& input, Time at,
                                  PathBuilder& builder);

}  // namespace certs
