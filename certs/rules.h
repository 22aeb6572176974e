// What RFC 5280 §6.1 requires of one certificate by itself, in its place on a path, and of the ones
// below an issuer. Each question returns what is wrong, with both values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "certs/certificate.h"
#include "certs/policy.h"
#include "certs/trust_store.h"
#include "certs/verdict.h"

namespace certs {

enum class Role { leaf, intermediate, anchor };

// What a verification is asked to do, as far as single certificates are concerned.
struct Question {
    Time at;
    Oid purpose;  // the EKU that leaf and CAs must allow; empty content: any
    AnchorRules anchor_rules;
    PolicyInput policy;
};

// One certificate in its place.
struct Place {
    const Certificate& certificate;
    std::size_t depth = 0;
    Role role = Role::leaf;
    bool ends_path = false;  // its issuer is itself: trusted, or the end of a path that leads nowhere
};

std::optional<Finding> check_validity(const Place& place, const Question& question);  // expired, not_yet_valid
// malformed_certificate: a CA without a name
std::optional<Finding> check_name(const Place& place, const Question& question);
std::optional<Finding> check_basic_constraints(const Place& place, const Question& question);  // not_a_ca
std::optional<Finding> check_key_usage(const Place& place, const Question& question);          // issuer_key_usage
std::optional<Finding> check_purpose(const Place& place, const Question& question);            // wrong_purpose
// unknown_critical_extension
std::optional<Finding> check_critical_extensions(const Place& place, const Question& question);

// Contract §6: weak_key (also for a key that cannot verify anything), weak_signature. What a
// certificate says about itself (an anchor, a self-signed certificate) proves nothing, so its
// signature is not judged.
std::optional<Finding> check_key_strength(const Place& place, const Question& question);
// The name of a signature algorithm whose hash has collisions (MD2, MD4, MD5, SHA-1), so that what
// it signs may be forged; nullopt for any other.
std::optional<std::string> forgeable_algorithm(const AlgorithmIdentifier& algorithm);
std::optional<Finding> check_signature_strength(const Place& place, const Question& question);

// Whether the certificate passes every question above.
bool is_sound(const Place& place, const Question& question);

// §6.1.4(l), (m): whether `issuer`'s path length leaves room for the CAs `below` it (leaf first);
// both numbers when it does not. Self-issued certificates do not count.
std::optional<LengthEvidence> path_length_exceeded(const Certificate& issuer,
                                                   std::span<const Certificate* const> below);

// §6.1.3(b), (c): name constraints apply to all but self-issued intermediates.
inline bool names_are_judged(const Certificate& certificate, std::size_t depth) {
    return depth == 0 || !certificate.is_self_issued();
}

}  // namespace certs
