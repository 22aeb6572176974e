// Rules of RFC 5280 and the CA/Browser Forum for issuers, which few clients enforce, if any.
// Violations are, for example, a missing key identifier, a serial number of zero, a common name
// that is not a SAN. A violation is reported and refuses nothing here, unless the strict profile is
// asked for. Who else refuses it is not known here (inspect/diagnosis/known/enforcement.h).
#pragma once

#include <cstddef>
#include <vector>

#include "certs/certificate.h"
#include "certs/rules.h"
#include "certs/verdict.h"

namespace certs {

enum class Profile {
    client,  // as web clients judge: such a rule is a notice
    strict,  // to the letter: it is an error
};

// One profile_violation notice, with the rule, for every such rule that the certificate breaks in
// its place.
std::vector<Finding> profile_findings(const Place& place);

// Makes these findings errors, as the strict profile demands, wherever they were found.
void make_strict(std::vector<Finding>& findings);

}  // namespace certs
