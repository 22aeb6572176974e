// When a chain that verifies now will stop to, and because of what: the first of all the moments at which something runs out and no other
// path takes over. Pure, as verification is.
#pragma once

#include <optional>
#include <string>

#include "certs/rules.h"
#include "certs/verify.h"

namespace certs {

struct Break {
    Time at;  // the first second at which it no longer verifies
    Code code = Code::expired;
    std::size_t depth = 0;  // on the path that verified until then
    Role role = Role::leaf;
    std::string subject;  // RFC 4514, of the certificate at that depth
    std::string source;   // of the list or response that runs out or changes its answer; "" when a certificate expires
    bool operator==(const Break&) const = default;
};

// nullopt when the chain does not verify at input.at. Otherwise there is one, as the leaf expires. Verifies again once for each thing that
// runs out before the leaf does, at most some 200 times.
std::optional<Break> first_break(const VerifyInput& input);

}  // namespace certs
