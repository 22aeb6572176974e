#include "certs/verdict.h"

#include <algorithm>

namespace certs {

std::string_view name(Step step) {
    constexpr std::string_view names[] = {"path",
                                          "trust",
                                          "signature",
                                          "validity",
                                          "revocation",
                                          "issuer",
                                          "name_constraints",
                                          "policy",
                                          "basic_constraints",
                                          "key_usage",
                                          "critical_extensions",
                                          "hostname",
                                          "strength"};
    return names[static_cast<std::size_t>(step)];
}

std::string_view name(Code code) {
    switch (code) {
        case Code::hostname_mismatch: return "hostname_mismatch";
        case Code::no_subject_alt_name: return "no_subject_alt_name";
        case Code::expired: return "expired";
        case Code::not_yet_valid: return "not_yet_valid";
        case Code::self_signed: return "self_signed";
        case Code::untrusted_root: return "untrusted_root";
        case Code::missing_intermediate: return "missing_intermediate";
        case Code::unknown_issuer: return "unknown_issuer";
        case Code::bad_signature: return "bad_signature";
        case Code::weak_signature: return "weak_signature";
        case Code::weak_key: return "weak_key";
        case Code::not_a_ca: return "not_a_ca";
        case Code::issuer_key_usage: return "issuer_key_usage";
        case Code::path_length: return "path_length";
        case Code::name_constraint: return "name_constraint";
        case Code::wrong_purpose: return "wrong_purpose";
        case Code::unknown_critical_extension: return "unknown_critical_extension";
        case Code::certificate_policy: return "certificate_policy";
        case Code::path_too_complex: return "path_too_complex";
        case Code::malformed_certificate: return "malformed_certificate";
        case Code::revoked: return "revoked";
        case Code::revocation_unavailable: return "revocation_unavailable";
        case Code::must_staple_missing: return "must_staple_missing";
        case Code::expires_soon: return "expires_soon";
        case Code::validity_too_long: return "validity_too_long";
        case Code::chain_order: return "chain_order";
        case Code::extra_certificates: return "extra_certificates";
        case Code::root_served: return "root_served";
        case Code::profile_violation: return "profile_violation";
    }
    return "";
}

bool Verdict::accepted() const {
    return !paths.empty() &&
           std::ranges::none_of(problems, [](const Finding& problem) { return problem.severity == Severity::error; });
}

}  // namespace certs
