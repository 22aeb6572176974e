// Certificate policies (RFC 5280 §6.1 with RFC 9618's graph): whether a path is valid for a policy
// where one is required. The graph has one node per policy and depth, so its size is bounded by the
// certificates' bytes; RFC 5280's tree grew exponentially (CVE-2023-0464).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "certs/certificate.h"
#include "certs/oid.h"
#include "certs/verdict.h"

namespace certs {

// RFC 5280 §6.1.1(c), (e), (f), (g).
struct PolicyInput {
    std::vector<Oid> initial;  // the user's policies; empty: any
    bool require_explicit = false;
    bool inhibit_mapping = false;
    bool inhibit_any = false;
};

// What is wrong with the policies of `path` (leaf first, the anchor last). `anchor_judged` makes
// the anchor's own policy extensions count (RFC 5937 §3.2).
std::optional<Finding> check_policies(std::span<const Certificate* const> path, bool anchor_judged,
                                      const PolicyInput& input);

}  // namespace certs
