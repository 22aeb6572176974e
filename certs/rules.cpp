#include "certs/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "certs/crypto.h"

namespace certs {

namespace {

bool dates_judged(const Place& place, const Question& question) {
    return place.role != Role::anchor || question.anchor_rules.dates;
}
bool constraints_judged(const Place& place, const Question& question) {
    return place.role != Role::anchor || question.anchor_rules.constraints;
}

// Extensions that this verifier obeys, or leaves to the relying party's choice of revocation. RFC
// 5280 lets a CA mark these critical. One that must not be critical (AKI, SKI, AIA) is not
// understood when it is, as in Go and others.
bool is_understood(const Extension& extension) {
    static constexpr OidConstant understood[] = {
        oid::basic_constraints,  oid::key_usage,          oid::extended_key_usage,      oid::subject_alt_name,
        oid::issuer_alt_name,    oid::name_constraints,   oid::certificate_policies,    oid::policy_mappings,
        oid::policy_constraints, oid::inhibit_any_policy, oid::crl_distribution_points, oid::tls_feature,
        oid::sct_list,           oid::ocsp_no_check};
    return std::ranges::any_of(understood,
                               [&](const OidConstant& known) { return static_cast<Oid>(known) == extension.oid; });
}

Finding error(Code code, const Place& place, Evidence evidence, std::string_view rule) {
    return {code, Severity::error, place.depth, std::move(evidence), rule};
}

std::vector<std::string> allowed_usages(const KeyUsage& usage) {
    std::vector<std::string> names;
    for (int bit = 0; bit <= static_cast<int>(KeyUsageBit::decipher_only); ++bit) {
        if (usage.has(static_cast<KeyUsageBit>(bit))) names.emplace_back(name(static_cast<KeyUsageBit>(bit)));
    }
    return names;
}

}  // namespace

std::optional<Finding> check_validity(const Place& place, const Question& question) {
    if (!dates_judged(place, question)) return std::nullopt;
    const Certificate& certificate = place.certificate;
    const DateEvidence evidence{question.at, certificate.not_before(), certificate.not_after()};
    // §4.1.2.5: both ends are included.
    if (question.at > certificate.not_after()) return error(Code::expired, place, evidence, "RFC 5280 §4.1.2.5");
    if (question.at < certificate.not_before()) return error(Code::not_yet_valid, place, evidence, "RFC 5280 §4.1.2.5");
    return std::nullopt;
}

std::optional<Finding> check_name(const Place& place, const Question&) {
    if (place.role == Role::leaf || !place.certificate.subject().empty()) return std::nullopt;
    return error(Code::malformed_certificate, place,
                 ParseEvidence{"tbsCertificate.subject", 0, "a CA's name that is not empty"}, "RFC 5280 §4.1.2.6");
}

std::optional<Finding> check_basic_constraints(const Place& place, const Question& question) {
    if (place.role == Role::leaf || !constraints_judged(place, question)) return std::nullopt;
    const auto& constraints = place.certificate.extensions().basic_constraints;
    if (constraints && constraints->ca) return std::nullopt;
    // §6.1.4(k): whether a version 1 certificate is a CA's is known by other means; being an anchor
    // is one.
    if (place.role == Role::anchor && place.certificate.version() < 3) return std::nullopt;
    if (place.role == Role::anchor && !constraints && !question.anchor_rules.certificate) return std::nullopt;
    return error(Code::not_a_ca, place, PurposeEvidence{"cA", {}}, "RFC 5280 §4.2.1.9");
}

std::optional<Finding> check_key_usage(const Place& place, const Question& question) {
    if (place.role == Role::leaf || !constraints_judged(place, question)) return std::nullopt;
    const auto& usage = place.certificate.extensions().key_usage;
    if (!usage || usage->has(KeyUsageBit::key_cert_sign)) return std::nullopt;  // §6.1.4(n): only if present
    return error(Code::issuer_key_usage, place, PurposeEvidence{"keyCertSign", allowed_usages(*usage)},
                 "RFC 5280 §4.2.1.3");
}

std::optional<Finding> check_purpose(const Place& place, const Question& question) {
    if (question.purpose.content.empty() || !constraints_judged(place, question)) return std::nullopt;
    const auto& purposes = place.certificate.extensions().extended_key_usage;
    if (!purposes) return std::nullopt;
    const bool allowed = std::ranges::any_of(
        *purposes, [&](Oid purpose) { return purpose == question.purpose || purpose == oid::any_purpose; });
    if (allowed) return std::nullopt;
    PurposeEvidence evidence{printable_name(question.purpose), {}};
    for (const Oid purpose : *purposes) {
        if (evidence.allowed.size() == 20) break;
        evidence.allowed.push_back(printable_name(purpose));
    }
    // In a CA's certificate RFC 5280 gives the extension no meaning; every client and the
    // CA/Browser Forum read it as a limit.
    return error(Code::wrong_purpose, place, std::move(evidence),
                 place.role == Role::leaf ? "RFC 5280 §4.2.1.12" : "CA/Browser Forum BR §7.1.2.10.6");
}

std::optional<Finding> check_critical_extensions(const Place& place, const Question& question) {
    if (!constraints_judged(place, question)) return std::nullopt;
    const Extensions& extensions = place.certificate.extensions();
    for (const Extension& extension : extensions.all) {
        if (!extension.critical || is_understood(extension)) continue;
        // Microsoft's older form of the extended key usage, which their CAs mark critical; the EKU
        // beside it is obeyed.
        if (extension.oid == oid::ms_application_policies && extensions.extended_key_usage) continue;
        return error(Code::unknown_critical_extension, place,
                     ExtensionEvidence{dotted(extension.oid), std::string(short_name(extension.oid))}, "RFC 5280 §4.2");
    }
    // §4.2.1.4: a critical policies extension must be understood down to its qualifiers.
    const bool unknown_qualifier =
        extensions.policies && std::ranges::any_of(*extensions.policies, &PolicyInformation::has_unknown_qualifier);
    if (unknown_qualifier && extensions.is_critical(oid::certificate_policies)) {
        return error(Code::unknown_critical_extension, place,
                     ExtensionEvidence{dotted(oid::certificate_policies), "certificatePolicies"}, "RFC 5280 §4.2.1.4");
    }
    return std::nullopt;
}

namespace {

constexpr std::string_view usable_keys = "RSA, EC P-256, P-384 or P-521, Ed25519 or Ed448";

std::optional<AlgorithmEvidence> unusable(const PublicKey& key) {
    const auto evidence = [&](std::string_view needed, AlgorithmFault fault) {
        return AlgorithmEvidence{key.name(), std::string(needed), fault};
    };
    switch (key_obstacle(key)) {
        case KeyObstacle::none: return std::nullopt;
        case KeyObstacle::unknown_algorithm:
        case KeyObstacle::dsa: return evidence(usable_keys, AlgorithmFault::unknown_key);  // RFC 8446 §4.2.3 has no DSA
        case KeyObstacle::signs_nothing: return evidence(usable_keys, AlgorithmFault::signs_nothing);
        case KeyObstacle::unknown_curve: return evidence("EC P-256, P-384 or P-521", AlgorithmFault::unknown_curve);
        // RFC 5480 §2.1.1
        case KeyObstacle::explicit_curve: return evidence("a named curve", AlgorithmFault::explicit_curve);
        case KeyObstacle::compressed_point:
            return evidence("a point with both coordinates", AlgorithmFault::beyond_limit);
        case KeyObstacle::off_curve: return evidence("a point on that curve", AlgorithmFault::off_curve);
        case KeyObstacle::modulus_too_large:
            return evidence("an RSA modulus of 8192 bits or fewer", AlgorithmFault::beyond_limit);
        case KeyObstacle::exponent_too_large:
            return evidence("an RSA exponent of 33 bits or fewer", AlgorithmFault::beyond_limit);
        case KeyObstacle::even_number:
            // RFC 8017 §3.1: a product of odd primes, and an odd exponent.
            return evidence((key.modulus.back() & 1) == 0 ? "an odd RSA modulus" : "an odd RSA exponent of 3 or more",
                            AlgorithmFault::broken_number);
    }
    std::unreachable();
}

// CA/Browser Forum BR §6.1.5, NIST SP 800-131A: 112 bits of security at least.
std::optional<AlgorithmEvidence> too_weak(const Place& place) {
    constexpr std::size_t least_rsa_bits = 2048, least_ec_bits = 224;
    const PublicKey& key = place.certificate.public_key();
    if (key.kind == KeyKind::ec && key.bits != 0 && key.bits < least_ec_bits)
        return AlgorithmEvidence{key.name(), "EC P-256"};
    if (key.kind != KeyKind::rsa && key.kind != KeyKind::rsa_pss) return std::nullopt;
    if (key.bits < least_rsa_bits) return AlgorithmEvidence{key.name(), "RSA 2048"};
    // BR §6.1.5; for a leaf, profile.h reports it.
    if (place.role != Role::leaf && key.bits % 8 != 0)
        return AlgorithmEvidence{key.name(), "a modulus of whole bytes", AlgorithmFault::broken_number};
    // RFC 8017 §3.1: with an exponent of 1, everyone can sign.
    if (key.exponent.size() == 1 && key.exponent[0] < 3)
        return AlgorithmEvidence{fmt::format("{} with exponent {}", key.name(), key.exponent[0]),
                                 "an odd RSA exponent of 3 or more", AlgorithmFault::broken_number};
    return std::nullopt;
}

}  // namespace

std::optional<Finding> check_key_strength(const Place& place, const Question&) {
    auto evidence = too_weak(place);
    if (!evidence) evidence = unusable(place.certificate.public_key());
    if (!evidence) return std::nullopt;
    const bool on_curves = evidence->fault == AlgorithmFault::explicit_curve;
    return error(Code::weak_key, place, *std::move(evidence),
                 on_curves ? "RFC 5480 §2.1.1" : "CA/Browser Forum BR §6.1.5");
}

std::optional<std::string> forgeable_algorithm(const AlgorithmIdentifier& algorithm) {
    static constexpr OidConstant broken[] = {oid::md2_rsa,  oid::md5_rsa,      oid::sha1_rsa,           oid::sha1_ecdsa,
                                             oid::sha1_dsa, {"1.3.14.3.2.29"}, {"1.2.840.113549.1.1.3"}};
    bool weak = std::ranges::any_of(
        broken, [&](const OidConstant& known) { return static_cast<Oid>(known) == algorithm.algorithm; });
    std::string found = printable_name(algorithm.algorithm);
    // RFC 4055 §3.1: a PSS signature that names no hash is made with SHA-1.
    if (algorithm.algorithm == oid::rsa_pss) {
        DerContext context(algorithm.parameters);
        DerReader reader(algorithm.parameters, context);
        DerReader inside = reader.sequence();
        weak = !inside.next_is(tag::context_constructed(0));
        if (!weak) {
            DerReader member = inside.enter(tag::context_constructed(0));
            weak = read_algorithm(member).algorithm == oid::sha1;
        }
        if (weak) found += " with SHA-1";
    }
    return weak ? std::optional(std::move(found)) : std::nullopt;
}

std::optional<Finding> check_signature_strength(const Place& place, const Question&) {
    if (place.role == Role::anchor || place.ends_path) return std::nullopt;
    auto found = forgeable_algorithm(place.certificate.signature_algorithm());
    if (!found) return std::nullopt;
    return error(Code::weak_signature, place, AlgorithmEvidence{*std::move(found), "SHA-256"},
                 "CA/Browser Forum BR §7.1.3.2");
}

bool is_sound(const Place& place, const Question& question) {
    return !check_validity(place, question) && !check_name(place, question) &&
           !check_basic_constraints(place, question) && !check_key_usage(place, question) &&
           !check_purpose(place, question) && !check_critical_extensions(place, question) &&
           !check_key_strength(place, question) && !check_signature_strength(place, question);
}

std::optional<LengthEvidence> path_length_exceeded(const Certificate& issuer,
                                                   std::span<const Certificate* const> below) {
    const auto& constraints = issuer.extensions().basic_constraints;
    if (!constraints || !constraints->ca || !constraints->path_length) return std::nullopt;
    std::size_t count = 0;
    for (std::size_t i = 1; i < below.size(); ++i) count += below[i]->is_self_issued() ? 0 : 1;
    if (count <= *constraints->path_length) return std::nullopt;
    return LengthEvidence{*constraints->path_length, count};
}

}  // namespace certs
