#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "certs/revocation_sources.h"
#include "certs/rules.h"

namespace certs {

namespace {

// RFC 5280 §6.3.3(b)(2)(i): whether one of the list's names is that of a distribution point that
// the certificate names.
bool names_point_of(const IssuingDistributionPoint& point, const Certificate& certificate) {
    // Both sides may name thousands.
    std::set<std::pair<GeneralNameKind, std::string_view>> names;
    for (const GeneralName& name : point.full_name) names.emplace(name.kind, as_text(name.value));
    return std::ranges::any_of(certificate.extensions().crl_distribution_points, [&](const DistributionPoint& own) {
        return std::ranges::any_of(
            own.full_name, [&](const GeneralName& name) { return names.contains({name.kind, as_text(name.value)}); });
    });
}

// RFC 5280 §6.3.3(b): why a list of the certificate's issuer does not cover certificates like this
// one; `none` when it does.
NoAnswer outside_scope(const Crl& list, const Certificate& certificate) {
    const auto& point = list.distribution_point();
    if (!point) return NoAnswer::none;
    if (point->indirect) return NoAnswer::indirect_list;
    if (point->only_attribute_certificates) return NoAnswer::attribute_certificates_only;
    if (point->only_user_certificates && certificate.is_ca()) return NoAnswer::user_certificates_only;
    if (point->only_ca_certificates && !certificate.is_ca()) return NoAnswer::ca_certificates_only;
    const bool named = point->has_relative_name || !point->full_name.empty();
    return named && !names_point_of(*point, certificate) ? NoAnswer::another_point : NoAnswer::none;
}

bool has_in_scope(const Crl& list, const Certificate& certificate) {
    return list.issuer() == certificate.issuer() && outside_scope(list, certificate) == NoAnswer::none;
}

bool covers(const Crl& list, const Certificate& certificate) {
    return !list.is_delta() && has_in_scope(list, certificate);
}

// Whether the list was handed in for another certificate of the path.
bool is_for_another(const Crl& list, const RevocationQuestion& question) {
    for (std::size_t depth = 0; depth + 1 < question.path.size(); ++depth) {
        if (depth != question.depth && has_in_scope(list, *question.path[depth])) return true;
    }
    return false;
}

// What is wrong with a list by itself, and the time that goes with it.
std::pair<NoAnswer, Time> judge_alone(const Crl& list, Time at) {
    if (list.has_unknown_critical()) return {NoAnswer::unknown_critical, {}};
    if (list.this_update() > at) return {NoAnswer::not_yet_valid, list.this_update()};
    const Time end = counts_until(list);
    if (end < at) return {NoAnswer::out_of_date, end};
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

// Uses only lists that the path itself vouches for: the signers of others would have to be checked
// in turn.
bool is_revoked_by_path(const Certificate& certificate, const RevocationQuestion& question, PathBuilder& builder) {
    return std::ranges::any_of(question.lists, [&](const Crl& list) {
        const auto made = [&](const Certificate* signer) {
            return may_sign_lists(*signer) && builder.signature(list, *signer) == SignatureResult::good;
        };
        return covers(list, certificate) && judge_alone(list, question.at).first == NoAnswer::none &&
               std::ranges::any_of(signers_on_path(list, question), made) && list.find(certificate.serial());
    });
}

// The possible signers: a CA of the issuer's name on the path, or another certificate of that name
// that a CA on the path issued (a separate key for lists, or a key from before or after a change of
// keys). §6.3.3(f): so the list depends on the same anchor.
std::vector<const Certificate*> signers(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    std::vector<const Certificate*> found = signers_on_path(list, question);
    for (const PathCertificate* const other : builder.named(list.issuer())) {
        const Certificate& candidate = other->certificate;
        if (std::ranges::any_of(found, [&](const Certificate* known) { return *known == candidate; })) continue;
        const auto vouches = [&](const Certificate* member) {
            return member->subject() == candidate.issuer() &&
                   builder.signature(candidate, *member) == SignatureResult::good;
        };
        if (std::ranges::any_of(question.above(), vouches) && may_speak(candidate, question, builder))
            found.push_back(&candidate);
    }
    return found;
}

NoAnswer judge_list_signature(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    NoAnswer result = NoAnswer::bad_signature;
    for (const Certificate* const signer : signers(list, question, builder)) {
        if (builder.signature(list, *signer) != SignatureResult::good) continue;
        if (may_sign_lists(*signer)) return NoAnswer::none;
        result = NoAnswer::signer_not_authorised;
    }
    return result;
}

// §5.3.1.
constexpr std::uint32_t remove_from_list = 8;

bool has_full_list(const RevocationQuestion& question) {
    return std::ranges::any_of(question.lists, [&](const Crl& list) { return covers(list, question.certificate()); });
}

std::string first_point(const Crl& list) {
    constexpr std::size_t longest = 1024;
    const auto& point = list.distribution_point();
    return point && !point->full_name.empty() ? text(point->full_name.front()).substr(0, longest) : "";
}

// NoAnswer::none when the list answers for this certificate; the other values come with their time.
std::pair<NoAnswer, Time> judge_list(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    const auto alone = judge_alone(list, question.at);
    return alone.first == NoAnswer::none ? std::pair(judge_list_signature(list, question, builder), Time{}) : alone;
}

}  // namespace

bool may_speak(const Certificate& signer, const RevocationQuestion& question, PathBuilder& builder) {
    const Place place{signer, question.depth, Role::leaf};
    const Question about{.at = question.at, .purpose = {}, .anchor_rules = {}, .policy = {}};
    return !check_validity(place, about) && !check_critical_extensions(place, about) &&
           !check_signature_strength(place, about) && !check_key_strength(place, about) &&
           !is_revoked_by_path(signer, question, builder);
}

Time counts_until(const Crl& list) {
    // §5.1.2.5 demands the field. CA/Browser Forum BR §4.9.7: nextUpdate is at most ten days after
    // thisUpdate.
    constexpr std::int64_t life_without_next_update = 10 * day;
    return list.next_update().value_or(Time{list.this_update().seconds + life_without_next_update});
}

std::optional<RevocationAnswer> answer_of(const Crl& list, const RevocationQuestion& question, PathBuilder& builder) {
    if (!(list.issuer() == question.certificate().issuer())) return std::nullopt;
    RevocationAnswer answer{.status = RevocationStatus::unavailable, .evidence = {{}, "", list.source()}};
    answer.evidence.why = outside_scope(list, question.certificate());
    if (answer.evidence.why != NoAnswer::none) {
        if (is_for_another(list, question)) return std::nullopt;
        if (answer.evidence.why == NoAnswer::another_point) answer.evidence.reason = first_point(list);
        return answer;
    }
    std::tie(answer.evidence.why, answer.evidence.at) = judge_list(list, question, builder);
    if (answer.evidence.why != NoAnswer::none) return answer;
    const auto entry = list.find(question.certificate().serial());
    // §5.2.4: what a delta list does not change is in a full list; without one the delta list says
    // nothing.
    if (list.is_delta() &&
        !(entry && entry->reason != revocation_reason(remove_from_list) && has_full_list(question))) {
        answer.evidence.why = NoAnswer::delta_list;
        return answer;
    }
    // §6.3.3(j), (l): a list for only some reasons revokes what it contains, and leaves the others
    // open.
    if (!entry && list.distribution_point() && list.distribution_point()->only_some_reasons) {
        answer.evidence.why = NoAnswer::some_reasons_only;
        return answer;
    }
    if (entry) {
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
