#include "certs/served_chain.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "certs/path_builder.h"

namespace certs {

namespace {

std::optional<std::size_t> position_in(const Path& path, const Certificate& certificate) {
    for (std::size_t i = 0; i < path.certificates.size(); ++i) {
        if (path.certificates[i].certificate == certificate) return i;
    }
    return std::nullopt;
}

// A cross-signed version of a CA on the path, for clients that do not know its root, is not
// superfluous. Neither is its issuer.
bool serves_other_clients(const Certificate& certificate, const std::vector<Served>& served, const Path& path) {
    const auto stands_for_member = [&](const Certificate& other) {
        return !other.is_self_issued() && std::ranges::any_of(path.certificates, [&](const PathCertificate& member) {
            return same_entity(member.certificate, other);
        });
    };
    if (stands_for_member(certificate)) return true;
    return std::ranges::any_of(served, [&](const Served& other) {
        return other.certificate && other.certificate->issuer() == certificate.subject() &&
               stands_for_member(*other.certificate) && !position_in(path, *other.certificate);
    });
}

// Whether a self-issued certificate that is not on the path ends the chain as other clients may see
// it: another certificate of a CA on the path, or the root above a cross-signed one. Any other is
// unrelated, whatever its name.
bool is_root_of_chain(const Certificate& root, const std::vector<Served>& served, const Path& path) {
    if (std::ranges::any_of(path.certificates,
                            [&](const PathCertificate& member) { return same_entity(member.certificate, root); }))
        return true;
    return std::ranges::any_of(served, [&](const Served& other) {
        return other.certificate && other.certificate->issuer() == root.subject() &&
               !position_in(path, *other.certificate) && !other.certificate->is_self_issued() &&
               serves_other_clients(*other.certificate, served, path);
    });
}

struct Limit {
    std::int64_t from;  // not-before, seconds since 1970
    std::int64_t days;
};
// CA/Browser Forum BR §6.3.2 with ballots 193, SC31 (as browsers enforced it) and SC-081v3.
constexpr Limit limits[] = {
    {1'868'227'200, 47}, {1'805'068'800, 100}, {1'773'532'800, 200}, {1'598'918'400, 398}, {1'519'862'400, 825}};

std::optional<Finding> too_long(const Certificate& leaf) {
    // §6.3.2 counts seconds, both ends included.
    const std::int64_t lifetime = leaf.not_after().seconds - leaf.not_before().seconds + 1;
    for (const Limit& limit : limits) {
        if (leaf.not_before().seconds < limit.from) continue;
        if (lifetime <= limit.days * day) return std::nullopt;
        const auto found = static_cast<std::size_t>((lifetime + day - 1) / day);
        return Finding{Code::validity_too_long, Severity::warning, 0,
                       LengthEvidence{static_cast<std::size_t>(limit.days), found}, "CA/Browser Forum BR §6.3.2"};
    }
    return std::nullopt;
}

}  // namespace

std::vector<Finding> served_findings(const std::vector<Served>& served, const Path& path) {
    std::vector<Finding> findings;
    std::size_t roots = 0;
    ExtraEvidence extra;
    bool ordered = true;
    std::size_t previous = 0;
    std::vector<std::size_t> seen;
    for (std::size_t i = 0; i < served.size(); ++i) {
        const Served& sent = served[i];
        if (!sent.certificate) {
            // If the path leads nowhere, it may be the missing one.
            if (path.anchored) extra.positions.push_back(i);
            continue;
        }
        const auto position = position_in(path, *sent.certificate);
        const bool again = position && std::ranges::find(seen, *position) != seen.end();
        const bool self_issued = sent.certificate->is_self_issued() && &sent != &served.front();
        if (self_issued && !again &&
            (position ? *position + 1 == path.certificates.size() : is_root_of_chain(*sent.certificate, served, path)))
            ++roots;
        else if (again || (!position && !serves_other_clients(*sent.certificate, served, path)))
            extra.positions.push_back(i);
        if (!position || again) continue;
        ordered = ordered && *position >= previous;
        previous = *position;
        seen.push_back(*position);
    }
    if (!ordered)
        findings.push_back({Code::chain_order, Severity::warning, std::nullopt, NoEvidence{}, "RFC 5246 §7.4.2"});
    if (!extra.positions.empty())
        findings.push_back(
            {Code::extra_certificates, Severity::warning, std::nullopt, std::move(extra), "RFC 8446 §4.4.2"});
    if (roots > 0)
        findings.push_back(
            {Code::root_served, Severity::warning, std::nullopt, LengthEvidence{0, roots}, "RFC 8446 §4.4.2"});
    return findings;
}

std::vector<Finding> lifetime_findings(const Path& path, Time at, bool below_public_ca) {
    std::vector<Finding> findings;
    if (path.certificates.empty()) return findings;
    for (std::size_t depth = 0; depth < path.certificates.size(); ++depth) {
        const Certificate& certificate = path.certificates[depth].certificate;
        const std::int64_t lifetime = certificate.not_after().seconds - certificate.not_before().seconds;
        const std::int64_t remaining = certificate.not_after().seconds - at.seconds;
        const bool within = at >= certificate.not_before() && remaining >= 0;
        if (within && remaining * 10 < lifetime && remaining < 30 * day) {
            findings.push_back({Code::expires_soon, Severity::warning, depth,
                                DateEvidence{at, certificate.not_before(), certificate.not_after()},
                                "RFC 5280 §4.1.2.5"});
        }
    }
    const Certificate& leaf = path.certificates.front().certificate;
    if (!below_public_ca || leaf.is_ca() || leaf.is_self_issued()) return findings;
    if (auto finding = too_long(leaf)) findings.push_back(*std::move(finding));
    return findings;
}

}  // namespace certs
