#include "certs/rank.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace certs {

namespace {

// What a developer needs to know first. Read it as: fixing a later one would not help before the
// earlier one is fixed.
//   1 what cannot be read or followed at all
//   2 an issuer that did not sign: nothing above or beside that certificate means anything
//   3 revoked: it must not be used, whatever else is true
//   4 no one vouches for the chain. It comes before the name: the names in a certificate that
//     anyone could have made prove nothing, and every client reports it first, so that this report
//     agrees with what is seen elsewhere
//   5 the CAs above may not issue this
//   6 the name: a certificate for another host is the wrong certificate, and renewing it would not
//     make it the right one
//   7 the dates: a renewal fixes them, and most often what follows as well
//   8 what kind of certificate or key it is
int urgency(Code code) {
    switch (code) {
        case Code::malformed_certificate: return 10;
        case Code::path_too_complex: return 11;
        case Code::bad_signature: return 20;
        case Code::revoked: return 30;
        case Code::missing_intermediate: return 40;
        case Code::unknown_issuer: return 41;
        case Code::self_signed: return 42;
        case Code::untrusted_root: return 43;
        case Code::not_a_ca: return 50;
        case Code::issuer_key_usage: return 51;
        case Code::path_length: return 52;
        case Code::name_constraint: return 53;
        case Code::certificate_policy: return 54;
        case Code::unknown_critical_extension: return 55;
        case Code::hostname_mismatch: return 60;
        case Code::no_subject_alt_name: return 61;
        case Code::expired: return 70;
        case Code::not_yet_valid: return 71;
        case Code::wrong_purpose: return 80;
        case Code::weak_signature: return 81;
        case Code::weak_key: return 82;
        case Code::must_staple_missing: return 83;
        case Code::revocation_unavailable: return 84;
        case Code::expires_soon: return 90;
        case Code::chain_order: return 91;
        case Code::validity_too_long: return 92;
        case Code::extra_certificates: return 93;
        case Code::root_served: return 94;
        case Code::profile_violation: return 95;
    }
    return 99;
}

// A key that cannot verify anything, or a signature that cannot be verified, proves as little as a
// wrong one.
int urgency(const Finding& finding) {
    const auto* const algorithm = std::get_if<AlgorithmEvidence>(&finding.evidence);
    const bool unverifiable =
        algorithm != nullptr && algorithm->fault != AlgorithmFault::weak &&
        (finding.code == Code::weak_signature || (finding.code == Code::weak_key && finding.depth.value_or(0) > 0));
    return unverifiable ? 21 : urgency(finding.code);
}

// How far a path got. A path with a wrong signature is another chain altogether. Then comes one
// that ends in an anchor, in a root that is only unknown, or nowhere. Then the one with fewer
// faults; of two with one fault each, the one whose fault is more specific.
std::tuple<bool, int, std::size_t, int> distance(const Evaluation& evaluation) {
    const auto has = [&](Code code) {
        return std::ranges::find(evaluation.findings, code, &Finding::code) != evaluation.findings.end();
    };
    const int end = evaluation.path.anchored ? 0 : has(Code::unknown_issuer) ? 2 : 1;
    int specific = 0;
    for (const Finding& finding : evaluation.findings) {
        if (finding.severity == Severity::error) specific = std::max(specific, urgency(finding.code));
    }
    return {has(Code::bad_signature), end, evaluation.errors(), -specific};
}

// Sorts by a key and keeps the order of equals. (std::stable_sort asks libstdc++ for a buffer in a
// way that libstdc++ itself deprecates.)
template <typename Value, typename Key>
void sort_by(std::vector<Value>& values, Key key) {
    std::vector<std::pair<decltype(key(values.front())), std::size_t>> order;
    order.reserve(values.size());
    for (const Value& value : values) order.emplace_back(key(value), order.size());
    std::ranges::sort(order);
    std::vector<Value> sorted;
    sorted.reserve(values.size());
    for (const auto& [ignored, index] : order) sorted.push_back(std::move(values[index]));
    values = std::move(sorted);
}

}  // namespace

void rank_findings(std::vector<Finding>& findings) {
    sort_by(findings, [](const Finding& finding) {
        return std::tuple(finding.severity, urgency(finding), finding.depth.value_or(0));
    });
}

void rank_paths(std::vector<Evaluation>& evaluations) { sort_by(evaluations, distance); }

}  // namespace certs
