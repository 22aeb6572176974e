// What RFC 5280 §6.1 requires of several certificates together: path lengths, names that
// constraints apply to.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "certs/certificate.h"
#include "certs/verdict.h"

namespace certs {

// §6.1.4(l), (m): whether `issuer`'s path length leaves room for the CAs `below` it (leaf first);
// both numbers when it does not. Self-issued certificates do not count.
std::optional<LengthEvidence> path_length_exceeded(const Certificate& issuer, std::span<const Certificate* const> below);

// §6.1.3(b), (c): name constraints apply to all but self-issued intermediates.
inline bool names_are_judged(const Certificate& certificate, std::size_t depth) { return depth == 0 || !certificate.is_self_issued(); }

}  // namespace certs
