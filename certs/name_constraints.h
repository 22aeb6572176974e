// Name constraints (RFC 5280 §4.2.1.10): whether the names of one certificate lie within what a CA
// above it may certify. Knows DNS, IP, e-mail, URI and directory names; a constraint of another
// kind fails closed when the certificate has such a name.
#pragma once

#include <cstddef>
#include <optional>

#include "certs/certificate.h"
#include "certs/verdict.h"

namespace certs {

// How many comparisons may still be made. The cost is names times constraints, both chosen by
// whoever made the chain.
struct ComparisonBudget {
    // BoringSSL's limit for one certificate (kMaxChecks in name_constraints.cc), and what all
    // candidate paths together may use.
    static constexpr std::size_t for_certificate = std::size_t{1} << 20;
    std::size_t left = 4 * for_certificate;
    bool exhausted = false;
};

// How the names of `subject` (its SANs, its subject and the e-mail addresses in it) violate the
// constraints of `issuer`. nullopt when there are no constraints, all names are within them, or the
// budget ran out (then it is marked exhausted).
std::optional<ConstraintEvidence> violated_constraint(const Certificate& issuer, const Certificate& subject,
                                                      ComparisonBudget& budget);

// Whether a dNSName (perhaps a wildcard) lies wholly inside the subtree `base`, and whether a name
// that it covers could; both in lower case.
bool dns_within(std::string_view name, std::string_view base);
bool dns_could_be_within(std::string_view name, std::string_view base);

}  // namespace certs
