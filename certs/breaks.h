// When a chain that verifies now will stop verifying, and why: the first moment at which something
// runs out and no other path takes over. Pure, like verification.
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

// nullopt when the chain does not verify at input.at. Otherwise there is always one, since the leaf
// expires. Verifies once more for each thing that runs out before the leaf, at most about 200
// times.
std::optional<Break> first_break(const VerifyInput& input);

}  // namespace certs
