#include "certs/revocation.h"

#include <algorithm>
#include <utility>

#include "certs/revocation_sources.h"

namespace certs {

namespace {

int weight(RevocationStatus status) {
    switch (status) {
        case RevocationStatus::not_asked: return 0;
        case RevocationStatus::unavailable: return 1;
        case RevocationStatus::good: return 2;
        case RevocationStatus::revoked: return 3;
    }
    std::unreachable();
}

// The better of two answers: revoked beats good, good beats what cannot be used; of equals the
// first.
void take_better(RevocationAnswer& best, std::optional<RevocationAnswer> next) {
    if (!next) return;
    const bool without_number = best.list_without_number || next->list_without_number;
    if (weight(next->status) > weight(best.status)) best = *std::move(next);
    best.list_without_number = without_number;
}

bool names_a_source(const Certificate& certificate) {
    return !certificate.extensions().ocsp_urls.empty() || !certificate.extensions().crl_distribution_points.empty();
}

// The first source that could have been asked, for the report; "" when the certificate names none.
std::string first_source(const Certificate& certificate) {
    constexpr std::size_t longest = 2048;
    const Extensions& extensions = certificate.extensions();
    if (!extensions.ocsp_urls.empty()) return std::string(extensions.ocsp_urls.front().substr(0, longest));
    for (const DistributionPoint& point : extensions.crl_distribution_points) {
        if (!point.urls.empty()) return std::string(point.urls.front().substr(0, longest));
    }
    return {};
}

// When nothing was received about a certificate.
RevocationAnswer without_answer(const Certificate& certificate, RevocationDemand demand) {
    const bool asked = demand == RevocationDemand::where_named || demand == RevocationDemand::everywhere;
    if (!asked) return {};
    RevocationAnswer answer{.status = RevocationStatus::unavailable, .evidence = {}};
    answer.evidence.why = names_a_source(certificate) ? NoAnswer::nothing_received : NoAnswer::names_no_source;
    answer.evidence.source = first_source(certificate);
    return answer;
}

// Whether one of the answers that were handed in is about a certificate of the path.
bool any_is_about(const RevocationInput& input, std::span<const Certificate* const> path) {
    for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
        const auto lists = [&](const Crl& list) { return list.issuer() == path[depth]->issuer(); };
        const auto tells = [&](const SingleResponse& single) {
            return is_about(single, *path[depth], *path[depth + 1]);
        };
        const auto responds = [&](const OcspResponse& response) {
            return std::ranges::any_of(response.responses(), tells);
        };
        if (std::ranges::any_of(input.lists, lists) || std::ranges::any_of(input.responses, responds)) return true;
    }
    return false;
}

// The answers that were handed in are about none of the path's certificates: worth no more than
// none, but not the same as when nothing was asked.
RevocationAnswer about_none(const RevocationInput& input) {
    RevocationAnswer answer{.status = RevocationStatus::unavailable, .evidence = {}, .severity = Severity::warning};
    const bool list = !input.lists.empty();
    answer.evidence.why = list ? NoAnswer::of_another_issuer : NoAnswer::about_another;
    answer.evidence.source = list ? input.lists.front().source() : input.responses.front().source();
    if (!list) answer.rule = "RFC 6960 §3.2";
    return answer;
}

Severity severity_of_silence(const Certificate& certificate, RevocationDemand demand) {
    switch (demand) {
        case RevocationDemand::best_effort: return Severity::notice;
        case RevocationDemand::where_named: return names_a_source(certificate) ? Severity::error : Severity::notice;
        case RevocationDemand::usable:
        case RevocationDemand::everywhere: return Severity::error;
    }
    std::unreachable();
}

}  // namespace

RevocationAnswer check_revocation(std::span<const Certificate* const> path, std::size_t depth,
                                  const RevocationInput& input, Time at, PathBuilder& builder) {
    if (depth + 1 >= path.size()) return {};
    const RevocationQuestion question{path, depth, at, input.lists};
    RevocationAnswer best;
    for (const OcspResponse& response : input.responses) take_better(best, answer_of(response, question, builder));
    for (const Crl& list : input.lists) take_better(best, answer_of(list, question, builder));
    const bool handed_in =
        input.demand == RevocationDemand::usable && (!input.lists.empty() || !input.responses.empty());
    if (best.status == RevocationStatus::not_asked && handed_in && depth == 0 && !any_is_about(input, path))
        return about_none(input);
    if (best.status == RevocationStatus::not_asked) best = without_answer(question.certificate(), input.demand);
    best.severity = severity_of_silence(question.certificate(), input.demand);
    return best;
}

}  // namespace certs
