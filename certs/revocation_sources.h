// What one list or one response says about one certificate: the pieces that check_revocation
// (revocation.h) puts together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "certs/revocation.h"

namespace certs {

struct RevocationQuestion {
    std::span<const Certificate* const> path;  // leaf first
    std::size_t depth = 0;                     // of the certificate asked about; its issuer is above it
    Time at;
    std::span<const Crl> lists;  // all at hand, to check signers that are beside the path

    const Certificate& certificate() const { return *path[depth]; }
    const Certificate& issuer() const { return *path[depth + 1]; }
    std::span<const Certificate* const> above() const { return path.subspan(depth + 1); }
};

// Whether a certificate beside the path may, by itself, sign answers about revocation (RFC 5280
// §6.3.3(f), RFC 6960 §4.2.2.2.1): it is within its dates, understood, strong, and on no list that
// a CA of the path signed with the key that it has on the path.
bool may_speak(const Certificate& signer, const RevocationQuestion& question, PathBuilder& builder);

// RFC 5280 §6.3.3 for one list. nullopt when it is another issuer's, or for another certificate of
// the path. Indirect lists and lists for only some reasons are not used. A delta list can only
// revoke, beside a full one, and says nothing else.
std::optional<RevocationAnswer> answer_of(const Crl& list, const RevocationQuestion& question, PathBuilder& builder);

// RFC 6960 §3.2 for one response. nullopt when it is about other certificates, unless it should be
// about this one: stapled (for the leaf), or from a responder that the certificate names.
std::optional<RevocationAnswer> answer_of(const OcspResponse& response, const RevocationQuestion& question,
                                          PathBuilder& builder);

}  // namespace certs
