// Rules that RFC 5280 and the CA/Browser Forum make for those who issue, and that few clients enforce, if any: a missing key identifier,
// a serial number of zero, a common name that is no SAN. Breaking one is worth telling and refuses nothing here, unless the strict profile is
// asked for; who else refuses it is not known here (inspect/diagnosis/known/enforcement.h).
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

// Every such rule that the certificate breaks in its place: profile_violation notices with the rule.
std::vector<Finding> profile_findings(const Place& place);

// What the strict profile makes of them, whoever found them: errors.
void make_strict(std::vector<Finding>& findings);

}  // namespace certs
