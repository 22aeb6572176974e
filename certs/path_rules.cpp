#include "certs/path_rules.h"

namespace certs {

std::optional<LengthEvidence> path_length_exceeded(const Certificate& issuer, std::span<const Certificate* const> below) {
    const auto& constraints = issuer.extensions().basic_constraints;
    if (!constraints || !constraints->ca || !constraints->path_length) return std::nullopt;
    std::size_t count = 0;
    for (std::size_t i = 1; i < below.size(); ++i) count += below[i]->is_self_issued() ? 0 : 1;
    if (count <= *constraints->path_length) return std::nullopt;
    return LengthEvidence{*constraints->path_length, count};
}

}  // namespace certs
