#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "certs/revocation_sources.h"
#include "certs/rules.h"

namespace certs {

namespace {

// RFC 5280 §6.3.3(b): whether this list is about certificates like this one.
bool covers(const Crl& list, const Certificate& certificate) {
    if (list.is_delta() || !(list.issuer() == certificate.issuer())) return false;
    const auto& point = list.distribution_point();
    if (!point) return true;
    if (point->indirect || point->only_attribute_certificates || point->has_relative_name) return false;
    if (point->only_user_certificates && certificate.is_ca()) return false;
    if (point->only_ca_certificates && !certificate.is_ca()) return false;
    if (point->full_name.empty()) return true;
    // Both sides may name thousands.
    std::set<std::pair<GeneralNameKind, std::string_view>> names;
    for (const GeneralName& name : point->full_name) names.emplace(name.kind, as_text(name.value));
    return std::ranges::any_of(certificate.extensions().crl_distribution_points, [&](const DistributionPoint& own) {
        return std::ranges::any_of(own.full_name,
                                   [&](const GeneralName& name) { return names.contains({name.kind, as_text(name.value)}); });
    });
}

// Who may have signed: a CA of the issuer's name on the path, or another certificate of that name that a CA on the path made (a key
// of its own for lists, or one from before or after a change of keys). §6.3.3(f): so the list hangs on the same anchor.
std::vector<const Certificate*> signers(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    const auto above = question.path.subspan(question.depth + 1);
    std::vector<const Certificate*> found;
    for (const Certificate* const member : above) {
        if (member->subject() == list.issuer()) found.push_back(member);
    }
    for (const PathCertificate* const other : builder.named(list.issuer())) {
        const Certificate& candidate = other->certificate;
        const bool current = question.at >= candidate.not_before() && question.at <= candidate.not_after();
        const auto vouches = [&](const Certificate* member) {
            return member->subject() == candidate.issuer() && builder.signature(candidate, *member) == SignatureResult::good;
        };
        if (current && std::ranges::any_of(above, vouches)) found.push_back(&candidate);
    }
    return found;
}

NoAnswer judge_signature(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    if (forgeable_algorithm(list.signature_algorithm())) return NoAnswer::weak_signature;
    NoAnswer result = NoAnswer::bad_signature;
    for (const Certificate* const signer : signers(list, question, builder)) {
        if (builder.signature(list, *signer) != SignatureResult::good) continue;
        // §6.3.3(f): a key usage, if there is one, allows signing lists.
        const auto& usage = signer->extensions().key_usage;
        if (!usage || usage->has(KeyUsageBit::crl_sign)) return NoAnswer::none;
        result = NoAnswer::signer_not_authorised;
    }
    return result;
}

// NoAnswer::none when the list answers for this certificate, and the moment that goes with the others.
std::pair<NoAnswer, Time> judge(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    if (list.has_unknown_critical()) return {NoAnswer::unknown_critical, {}};
    if (list.this_update() > question.at) return {NoAnswer::not_yet_valid, list.this_update()};
    const Time end = counts_until(list);
    if (end < question.at) return {NoAnswer::out_of_date, end};
    if (list.distribution_point() && list.distribution_point()->only_some_reasons) return {NoAnswer::some_reasons_only, {}};
    return {judge_signature(list, question, builder), {}};
}

}  // namespace

Time counts_until(const Crl& list) {
    // §5.1.2.5 demands the field. CA/Browser Forum BR §4.9.7: nextUpdate is at most ten days behind thisUpdate.
    constexpr std::int64_t life_without_next_update = 10 * day;
    return list.next_update().value_or(Time{list.this_update().seconds + life_without_next_update});
}

std::optional<RevocationAnswer> answer_of(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    if (!covers(list, question.certificate())) return std::nullopt;
    RevocationAnswer answer{.status = RevocationStatus::unavailable, .evidence = {{}, "", list.source()}};
    std::tie(answer.evidence.why, answer.evidence.at) = judge(list, question, builder);
    if (answer.evidence.why != NoAnswer::none) return answer;
    if (const auto entry = list.find(question.certificate().serial())) {
        answer.status = RevocationStatus::revoked;
        answer.evidence.at = entry->at;
        answer.evidence.reason = entry->reason;
        return answer;
    }
    answer.status = RevocationStatus::good;
    answer.evidence.at = list.this_update();
    answer.list_without_number = !list.has_number();
    return answer;
}

}  // namespace certs
