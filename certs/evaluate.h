// Asks every step's question of every certificate of one path and keeps all answers, passes too.
// Decides nothing.
#pragma once

#include <optional>
#include <vector>

#include "certs/hostname.h"
#include "certs/path_builder.h"
#include "certs/revocation.h"
#include "certs/rules.h"
#include "certs/verdict.h"

namespace certs {

struct Evaluation {
    Path path;
    std::vector<Finding> findings;  // all of them, in the order of steps and depths
    std::size_t errors() const;
};

// The issuer that `child` names, and where its certificate can be fetched; `found` is still empty.
IssuerEvidence wanted_issuer(const Certificate& child);

// The hostname step, which is the same on every path.
struct HostAnswer {
    bool asked = false;
    std::optional<Finding> finding;  // hostname_mismatch, no_subject_alt_name
};
HostAnswer check_host(const Certificate& leaf, const Host& host);

// The builder supplies the signatures that it has already checked.
Evaluation evaluate(PathBuilder::Candidate candidate, const Question& question, const HostAnswer& host,
                    const RevocationInput& revocation, PathBuilder& builder);

}  // namespace certs
