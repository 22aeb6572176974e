#include "certs/revocation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace certs {

namespace {

class RevocationCheck {
public:
    RevocationCheck(std::span<const Certificate* const> path, std::size_t depth, Time at, PathBuilder& builder)
        : path_(path), depth_(depth), certificate_(*path[depth]), at_(at), builder_(builder) {}

    // "" when the list answers for this certificate; otherwise why it does not.
    std::string_view unusable(const Crl& list) {
        if (list.has_unknown_critical()) return "unknown critical extension";
        if (list.this_update() > at_) return "not yet valid";
        if (list.next_update() && *list.next_update() < at_) return "out of date";
        if (list.distribution_point() && list.distribution_point()->only_some_reasons) return "only some reasons";
        bool signs = false;
        for (const Certificate* const signer : signers(list)) {
            // §6.3.3(f): a key usage, if there is one, allows signing lists.
            const auto& usage = signer->extensions().key_usage;
            if (builder_.list_signature(list, *signer) != SignatureResult::good) continue;
            signs = true;
            if (!usage || usage->has(KeyUsageBit::crl_sign)) return {};
        }
        return signs ? "signer without cRLSign" : "bad signature";
    }

    // §6.3.3(b): whether this list is about certificates like this one.
    bool covers(const Crl& list) const {
        if (list.is_delta() || !(list.issuer() == certificate_.issuer())) return false;
        const auto& point = list.distribution_point();
        if (!point) return true;
        if (point->indirect || point->only_attribute_certificates || point->has_relative_name) return false;
        if (point->only_user_certificates && certificate_.is_ca()) return false;
        if (point->only_ca_certificates && !certificate_.is_ca()) return false;
        if (point->full_name.empty()) return true;
        return std::ranges::any_of(certificate_.extensions().crl_distribution_points, [&](const DistributionPoint& own) {
            return std::ranges::any_of(own.full_name, [&](const GeneralName& name) {
                return std::ranges::find(point->full_name, name) != point->full_name.end();
            });
        });
    }

private:
    // Who may have signed: a CA of the issuer's name on the path, or another certificate of that name that a CA on the path made (a key
    // of its own for lists, or one from before or after a change of keys). §6.3.3(f): so the list hangs on the same anchor.
    std::vector<const Certificate*> signers(const Crl& list) {
        const auto above = path_.subspan(depth_ + 1);
        std::vector<const Certificate*> found;
        for (const Certificate* const member : above) {
            if (member->subject() == list.issuer()) found.push_back(member);
        }
        for (const PathCertificate* const other : builder_.named(list.issuer())) {
            const Certificate& candidate = other->certificate;
            const bool current = at_ >= candidate.not_before() && at_ <= candidate.not_after();
            const auto vouches = [&](const Certificate* member) {
                return member->subject() == candidate.issuer() && builder_.signature(candidate, *member) == SignatureResult::good;
            };
            if (current && std::ranges::any_of(above, vouches)) found.push_back(&candidate);
        }
        return found;
    }

    std::span<const Certificate* const> path_;
    std::size_t depth_;
    const Certificate& certificate_;
    Time at_;
    PathBuilder& builder_;
};

}  // namespace

RevocationAnswer check_revocation(std::span<const Certificate* const> path, std::size_t depth, const RevocationInput& input, Time at,
                                  PathBuilder& builder) {
    RevocationAnswer answer;
    if (input.demand == RevocationDemand::everywhere) answer = {RevocationStatus::unavailable, {{}, "no list", {}}, false};
    if (depth + 1 >= path.size()) return {};
    RevocationCheck check(path, depth, at, builder);
    for (const Crl& list : input.lists) {
        if (!check.covers(list)) continue;
        if (const std::string_view reason = check.unusable(list); !reason.empty()) {
            if (answer.status != RevocationStatus::good)
                answer = {RevocationStatus::unavailable, {{}, std::string(reason), list.source()}, false};
            continue;
        }
        if (const auto entry = list.find(path[depth]->serial())) {
            return {RevocationStatus::revoked, {entry->at, std::string(entry->reason), list.source()}, false};
        }
        answer = {RevocationStatus::good, {}, answer.list_without_number || !list.has_number()};
    }
    return answer;
}

}  // namespace certs
