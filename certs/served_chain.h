// Findings about the chain as it was served, besides whether it verifies: its order, what is
// superfluous, what will soon be a problem. Nothing here ever refuses a connection.
#pragma once

#include <vector>

#include "certs/verdict.h"

namespace certs {

// Findings about `served`, given the path that was chosen: chain_order, extra_certificates,
// root_served.
std::vector<Finding> served_findings(const std::vector<Served>& served, const Path& path);

// Findings about the dates of the path's certificates: expires_soon, validity_too_long (contract §6
// has the rules). The latter binds only public CAs: `below_public_ca` says that the path ends in an
// anchor that counts as one.
std::vector<Finding> lifetime_findings(const Path& path, Time at, bool below_public_ca);

}  // namespace certs
