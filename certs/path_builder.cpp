#include "certs/path_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace certs {

namespace {

// For comparing certificates as issuer of the same child: lower is tried first. RFC 4158 §3.5 gives
// the criteria; key identifiers are a hint, never a veto (§3.5.12).
constexpr int not_an_anchor = 8, unlike_identifier = 4, no_identifier = 1, unsound = 16;

int identifier_rank(const Certificate& child, const Certificate& issuer) {
    const Bytes wanted = child.authority_key_identifier();
    const Bytes found = issuer.subject_key_identifier();
    if (wanted.empty() || found.empty()) return no_identifier;
    return std::ranges::equal(wanted, found) ? 0 : unlike_identifier;
}

// What a signature by `key` costs of PathBudget::signatures.
std::size_t cost(const PublicKey& key) { return key.bits > 4096 ? 4 : 1; }

PathBuilder::Candidate copied(const std::vector<const PathCertificate*>& path) {
    PathBuilder::Candidate candidate;
    for (const PathCertificate* const certificate : path) candidate.push_back(*certificate);
    return candidate;
}

// Certificates of one name are adjacent. Which of them is tried first depends on what they are,
// never on the order in which they were sent, so that this order cannot change a verdict, not even
// where a budget ends: the one that is valid longest, then any fixed order. Of two copies the
// served one counts.
auto by_subject(const PathCertificate* entry) {
    const Certificate& certificate = entry->certificate;
    return std::tuple<const std::string&, std::int64_t, const Fingerprint&, Provenance>(
        certificate.subject().canonical(), -certificate.not_after().seconds, certificate.sha256(), entry->provenance);
}

}  // namespace

bool same_entity(const Certificate& a, const Certificate& b) {
    return std::ranges::equal(a.public_key().der, b.public_key().der) && a.subject() == b.subject();
}

PathBuilder::PathBuilder(PathCertificate leaf, std::span<const PathCertificate> pool, const TrustStore& trust,
                         Settings settings)
    : leaf_(std::move(leaf)), trust_(trust), settings_(std::move(settings)) {
    for (const PathCertificate& certificate : pool) {
        // An anchor is found as an anchor.
        if (!trust_.contains(certificate.certificate)) pool_.push_back(&certificate);
    }
    std::ranges::sort(pool_, {}, by_subject);
    const auto copies =
        std::ranges::unique(pool_, {}, [](const PathCertificate* entry) { return entry->certificate.sha256(); });
    pool_.erase(copies.begin(), copies.end());
}

const std::vector<PathCertificate>& PathBuilder::anchors_named(const DistinguishedName& name) {
    const auto [entry, is_new] = anchors_.try_emplace(name.canonical());
    if (is_new) {
        for (const Certificate* const anchor : trust_.find(name))
            entry->second.push_back({*anchor, Provenance::trust_store});
    }
    return entry->second;
}

template <typename Signed>
SignatureResult PathBuilder::remembered_signature(Bytes identity, const Signed& document, const Certificate& signer,
                                                  std::size_t& budget) {
    std::string key(as_text(identity));
    key.append(as_text(signer.sha256()));
    if (const auto known = signatures_.find(key); known != signatures_.end()) return known->second;
    const std::size_t price = cost(signer.public_key());
    if (budget < price) {
        budget = 0;  // spent, so that no one takes what was left out for an answer
        return SignatureResult::unchecked;
    }
    budget -= price;
    const SignatureResult result =
        verify_signature(signer.public_key(), document.signature_algorithm(), document.tbs(), document.signature());
    signatures_.emplace(std::move(key), result);
    return result;
}

SignatureResult PathBuilder::signature(const Certificate& child, const Certificate& issuer) {
    return remembered_signature(child.sha256(), child, issuer, budget_.signatures);
}

// The bytes of a list or a response do not move while it is in use, so their address identifies it.
SignatureResult PathBuilder::signature(const Crl& list, const Certificate& signer) {
    return remembered_signature(as_bytes(fmt::format("{} ", static_cast<const void*>(list.tbs().data()))), list, signer,
                                budget_.revocation_signatures);
}

SignatureResult PathBuilder::signature(const OcspResponse& response, const Certificate& signer) {
    return remembered_signature(as_bytes(fmt::format("{} ", static_cast<const void*>(response.tbs().data()))), response,
                                signer, budget_.revocation_signatures);
}

std::span<const PathCertificate* const> PathBuilder::named(const DistinguishedName& name) const {
    const auto subject = [](const PathCertificate* entry) -> const std::string& {
        return entry->certificate.subject().canonical();
    };
    return std::ranges::equal_range(pool_, name.canonical(), {}, subject);
}

const std::optional<ConstraintEvidence>& PathBuilder::violation(const Certificate& issuer, const Certificate& subject) {
    const auto [entry, is_new] = violations_.try_emplace(std::pair(issuer.der().data(), subject.der().data()));
    if (is_new) entry->second = violated_constraint(issuer, subject, budget_.comparisons);
    return entry->second;
}

bool PathBuilder::is_self_signed(const Certificate& certificate) {
    return certificate.is_self_issued() && !is_refuted(signature(certificate, certificate));
}

bool PathBuilder::sound(const PathCertificate& certificate, Role role, std::size_t depth) {
    const auto [entry, is_new] = sound_.try_emplace(&certificate);
    if (is_new) entry->second = is_sound({certificate.certificate, depth, role}, settings_.question);
    return entry->second;
}

// All possible issuers of the path's last certificate, the likeliest first.
std::vector<PathBuilder::Option> PathBuilder::issuers_of(const std::vector<const PathCertificate*>& path) {
    const Certificate& child = path.back()->certificate;
    const bool from_store = path.back()->provenance == Provenance::trust_store;
    std::vector<Option> options;
    const auto consider = [&](const PathCertificate& issuer, int rank) {
        if (budget_.candidates == 0) return;
        --budget_.candidates;
        const auto is_same = [&](const PathCertificate* member) {
            return same_entity(member->certificate, issuer.certificate);
        };
        const Role role = issuer.provenance == Provenance::trust_store ? Role::anchor : Role::intermediate;
        // §6.1.1(d): an anchor is a name and a key. A certificate with both, as after a renewal,
        // ends the path at the anchor that has them.
        const bool ends = role == Role::anchor && is_same(path.back()) && sound(issuer, role, path.size());
        const auto below = std::span(path).first(path.size() - (ends ? 1 : 0));
        if (std::ranges::any_of(below, is_same)) return;
        rank += identifier_rank(child, issuer.certificate) + (sound(issuer, role, path.size()) ? 0 : unsound);
        options.push_back({&issuer, rank, options.size()});
    };
    if (from_store) return options;  // an anchor ends the path
    for (const PathCertificate& anchor : anchors_named(child.issuer())) consider(anchor, 0);
    for (const PathCertificate* const issuer : named(child.issuer())) consider(*issuer, not_an_anchor);
    std::ranges::sort(options, {}, [](const Option& option) { return std::pair(option.rank, option.order); });
    return options;
}

// Whether `issuer` may extend the path: what RFC 5280 §6.1 requires of it together with the
// certificates below, and its signature last, since that costs most.
bool PathBuilder::joins(const std::vector<const PathCertificate*>& path, const PathCertificate& issuer) {
    const bool anchor = issuer.provenance == Provenance::trust_store;
    if (!sound(issuer, anchor ? Role::anchor : Role::intermediate, path.size())) return false;
    std::size_t intermediates = anchor || issuer.certificate.is_self_issued() ? 0 : 1;
    for (std::size_t i = 1; i < path.size(); ++i) intermediates += path[i]->certificate.is_self_issued() ? 0 : 1;
    if (intermediates > settings_.most_intermediates) return false;
    if (!anchor || settings_.question.anchor_rules.constraints) {
        std::vector<const Certificate*> below;
        below.reserve(path.size());
        for (const PathCertificate* const member : path) below.push_back(&member->certificate);
        if (path_length_exceeded(issuer.certificate, below)) return false;
        for (std::size_t i = 0; i < below.size(); ++i) {
            if (names_are_judged(*below[i], i) && violation(issuer.certificate, *below[i])) return false;
        }
    }
    return signature(path.back()->certificate, issuer.certificate) == SignatureResult::good && !budget_.exhausted();
}

bool PathBuilder::search(std::vector<const PathCertificate*>& path,
                         const std::function<bool(const Candidate&)>& holds) {
    for (const Option& option : issuers_of(path)) {
        if (budget_.exhausted()) return false;
        if (!joins(path, *option.certificate)) continue;
        path.push_back(option.certificate);
        const bool complete = option.certificate->provenance == Provenance::trust_store;
        if (complete) --budget_.paths;
        // If the budget for policies ran out, they were not judged: such a path does not hold.
        if (complete ? holds(copied(path)) && budget_.policies > 0 : search(path, holds)) return true;
        path.pop_back();
    }
    return false;
}

std::optional<PathBuilder::Candidate> PathBuilder::find_sound(const std::function<bool(const Candidate&)>& holds) {
    std::vector<const PathCertificate*> path{&leaf_};
    // A leaf that is itself an anchor needs no issuer.
    if (trust_.contains(leaf_.certificate)) {
        Candidate alone{{leaf_.certificate, Provenance::trust_store}};
        if (holds(alone)) return alone;
    }
    if (search(path, holds)) return copied(path);
    return std::nullopt;
}

void PathBuilder::explore(std::vector<const PathCertificate*>& path, std::size_t most, std::vector<Candidate>& found) {
    // Longer than any path that could hold, so that the reason is visible.
    const bool long_enough = path.size() > settings_.most_intermediates + 2;
    auto options = long_enough || (path.size() > 1 && is_self_signed(path.back()->certificate)) ? std::vector<Option>{}
                                                                                                : issuers_of(path);
    // An issuer by name whose key did not sign is another CA of that name, unless the key
    // identifiers, or the padding of the signature, show that the key is the right one and the
    // signed content was altered.
    const Certificate& child = path.back()->certificate;
    std::vector<Option> signers;
    std::erase_if(options, [&](const Option& option) {
        const Certificate& issuer = option.certificate->certificate;
        const SignatureResult result = signature(child, issuer);
        if (result == SignatureResult::good) signers.push_back(option);
        const bool refuted = result == SignatureResult::bad || result == SignatureResult::wrong_key;
        return refuted && identifier_rank(child, issuer) != 0;
    });
    const bool ends_here = signers.empty() && is_self_signed(path.back()->certificate);
    if (ends_here)
        options.clear();
    else if (!signers.empty())
        options = std::move(signers);
    if (options.empty()) found.push_back(copied(path));
    for (const Option& option : options) {
        if (found.size() >= most || budget_.candidates == 0) break;
        path.push_back(option.certificate);
        if (option.certificate->provenance == Provenance::trust_store)
            found.push_back(copied(path));
        else
            explore(path, most, found);
        path.pop_back();
    }
    if (found.empty()) found.push_back(copied(path));
}

std::vector<PathBuilder::Candidate> PathBuilder::find_broken(std::size_t most) {
    // Explaining has its own allowance, so that a chain that spent the budget is still described.
    constexpr std::size_t signatures_to_explain = 50, policies_to_explain = 20'000;
    budget_.policies = policies_to_explain;
    budget_.signatures = std::max(budget_.signatures, signatures_to_explain);
    budget_.candidates = std::max(budget_.candidates, std::size_t{10'000});
    std::vector<Candidate> found;
    std::vector<const PathCertificate*> path{&leaf_};
    if (trust_.contains(leaf_.certificate)) found.push_back({{leaf_.certificate, Provenance::trust_store}});
    explore(path, most, found);
    return found;
}

}  // namespace certs
