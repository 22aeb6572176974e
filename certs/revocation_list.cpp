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

// What is wrong with a list by itself, and the moment that goes with it.
std::pair<NoAnswer, Time> judge_alone(const Crl& list, Time at) {
    if (list.has_unknown_critical()) return {NoAnswer::unknown_critical, {}};
    if (list.this_update() > at) return {NoAnswer::not_yet_valid, list.this_update()};
    const Time end = counts_until(list);
    if (end < at) return {NoAnswer::out_of_date, end};
    if (list.distribution_point() && list.distribution_point()->only_some_reasons) return {NoAnswer::some_reasons_only, {}};
    if (forgeable_algorithm(list.signature_algorithm())) return {NoAnswer::weak_signature, {}};
    return {NoAnswer::none, {}};
}

// §6.3.3(f): a key usage, if there is one, allows signing lists.
bool may_sign_lists(const Certificate& signer) {
    const auto& usage = signer.extensions().key_usage;
    return !usage || usage->has(KeyUsageBit::crl_sign);
}

// The CAs of the path above that have the name of the list's issuer.
std::vector<const Certificate*> signers_on_path(const Crl& list, const RevocationQuestion& question) {
    std::vector<const Certificate*> found;
    for (const Certificate* const member : question.above()) {
        if (member->subject() == list.issuer()) found.push_back(member);
    }
    return found;
}

// Only lists that the path itself vouches for are asked: whoever signed others would have to be asked about in turn.
bool is_revoked_by_path(const Certificate& certificate, const RevocationQuestion& question, PathBuilder& builder) {
    return std::ranges::any_of(question.lists, [&](const Crl& list) {
        const auto made = [&](const Certificate* signer) {
            return may_sign_lists(*signer) && builder.signature(list, *signer) == SignatureResult::good;
        };
        return covers(list, certificate) && judge_alone(list, question.at).first == NoAnswer::none &&
               std::ranges::any_of(signers_on_path(list, question), made) && list.find(certificate.serial());
    });
}

// Who may have signed: a CA of the issuer's name on the path, or another certificate of that name that a CA on the path made (a key
// of its own for lists, or one from before or after a change of keys). §6.3.3(f): so the list hangs on the same anchor.
std::vector<const Certificate*> signers(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    std::vector<const Certificate*> found = signers_on_path(list, question);
    for (const PathCertificate* const other : builder.named(list.issuer())) {
        const Certificate& candidate = other->certificate;
        if (std::ranges::any_of(found, [&](const Certificate* known) { return *known == candidate; })) continue;
        const auto vouches = [&](const Certificate* member) {
            return member->subject() == candidate.issuer() && builder.signature(candidate, *member) == SignatureResult::good;
        };
        if (std::ranges::any_of(question.above(), vouches) && may_speak(candidate, question, builder)) found.push_back(&candidate);
    }
    return found;
}

NoAnswer judge_signature(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    NoAnswer result = NoAnswer::bad_signature;
    for (const Certificate* const signer : signers(list, question, builder)) {
        if (builder.signature(list, *signer) != SignatureResult::good) continue;
        if (may_sign_lists(*signer)) return NoAnswer::none;
        result = NoAnswer::signer_not_authorised;
    }
    return result;
}

// NoAnswer::none when the list answers for this certificate, and the moment that goes with the others.
std::pair<NoAnswer, Time> judge(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    const auto alone = judge_alone(list, question.at);
    return alone.first == NoAnswer::none ? std::pair(judge_signature(list, question, builder), Time{}) : alone;
}

}  // namespace

bool may_speak(const Certificate& signer, const RevocationQuestion& question, PathBuilder& builder) {
    const Place place{signer, question.depth, Role::leaf};
    const Question about{.at = question.at, .purpose = {}, .anchor_rules = {}, .policy = {}};
    return !check_validity(place, about) && !check_critical_extensions(place, about) && !check_signature_strength(place, about) &&
           !check_key_strength(place, about) && !is_revoked_by_path(signer, question, builder);
}

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
