// Builds paths from a leaf to an anchor (RFC 4158 in spirit): lazily, best candidate first, cutting a branch at its first fault, under
// a budget. When none holds it builds the likeliest broken ones, so that there is something to explain. Knows what makes a
// path bad; not how to say it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "certs/certificate.h"
#include "certs/crl.h"
#include "certs/crypto.h"
#include "certs/name_constraints.h"
#include "certs/ocsp.h"
#include "certs/rules.h"
#include "certs/trust_store.h"
#include "certs/verdict.h"

namespace certs {

// How much work one verification may be. Every limit is on what an attacker chooses.
struct PathBudget {
    // Go's maxChainSignatureChecks and webpki's MAX_SIGNATURE_CHECKS (CVE-2018-16875, RUSTSEC-2023-0052). One by an RSA key of more than
    // 4,096 bits counts four times, as each doubling of the modulus makes it four times as dear.
    std::size_t signatures = 100;
    // Those of lists and responses count apart, so that a chain which spends the others is not thereby excused from being revoked.
    // A path of 34 certificates with a list and a response each, and a responder that changed its key, needs 102.
    std::size_t revocation_signatures = 110;
    // webpki's MAX_BUILD_CHAIN_CALLS, in number of candidates looked at; each costs some comparisons.
    std::size_t candidates = 100'000;
    // Complete paths that are judged as a whole. What refuses one and lets another pass is left to policies and revocation alone, so that
    // the first of real ones holds; judging a path costs up to some milliseconds.
    std::size_t paths = 50;
    // Policies and mappings on all those paths; each costs about 1 µs. A real path has some dozens, one between bridge CAs hundreds.
    std::size_t policies = 60'000;
    ComparisonBudget comparisons;
    bool exhausted() const { return signatures == 0 || candidates == 0 || paths == 0 || policies == 0 || comparisons.exhausted; }
};

class PathBuilder {
public:
    struct Settings {
        Question question;
        // CAs between leaf and anchor, self-issued ones not counted (RFC 5280 §4.2.1.9). Real chains have at most four, suites of tests up
        // to 31; OpenSSL stops at 100, webpki at 6.
        std::size_t most_intermediates = 32;
    };
    using Candidate = std::vector<PathCertificate>;  // leaf first

    // `pool` are the certificates that may stand between, which must outlive the builder, as must `trust`.
    PathBuilder(PathCertificate leaf, std::span<const PathCertificate> pool, const TrustStore& trust, Settings settings);

    // The first path to an anchor on which each certificate but the leaf and each pair is sound and that `holds` accepts; nothing
    // when there is none or the budget ran out. The leaf is the same on every path, so that its own faults decide nothing here.
    std::optional<Candidate> find_sound(const std::function<bool(const Candidate&)>& holds);

    // Paths that are not sound, the likeliest first, at most `most`. There is always one: the leaf alone, if nothing issued it.
    std::vector<Candidate> find_broken(std::size_t most);

    // Whether `issuer`'s key made `child`'s signature. Remembered; counted when it is computed, and `unchecked` when the budget is spent.
    SignatureResult signature(const Certificate& child, const Certificate& issuer);

    // The same of a list and of a response; and the pool's certificates of a name, for whoever else may have signed it.
    SignatureResult signature(const Crl& list, const Certificate& signer);
    SignatureResult signature(const OcspResponse& response, const Certificate& signer);
    std::span<const PathCertificate* const> named(const DistinguishedName& name) const;

    // What `issuer`'s name constraints find wrong with `subject`. Remembered.
    const std::optional<ConstraintEvidence>& violation(const Certificate& issuer, const Certificate& subject);

    PathBudget& budget() { return budget_; }

private:
    struct Option {
        const PathCertificate* certificate;
        int rank;
        std::size_t order;  // among equals: as found
    };
    std::vector<Option> issuers_of(const std::vector<const PathCertificate*>& path);
    bool joins(const std::vector<const PathCertificate*>& path, const PathCertificate& issuer);
    bool search(std::vector<const PathCertificate*>& path, const std::function<bool(const Candidate&)>& holds);
    void explore(std::vector<const PathCertificate*>& path, std::size_t most, std::vector<Candidate>& found);
    const std::vector<PathCertificate>& anchors_named(const DistinguishedName& name);
    bool sound(const PathCertificate& certificate, Role role, std::size_t depth);
    bool is_self_signed(const Certificate& certificate);
    template <typename Signed>
    SignatureResult remembered_signature(Bytes identity, const Signed& document, const Certificate& signer, std::size_t& budget);

    PathCertificate leaf_;
    const TrustStore& trust_;
    Settings settings_;
    PathBudget budget_;
    std::vector<const PathCertificate*> pool_;                               // by subject, see by_subject()
    std::unordered_map<std::string, std::vector<PathCertificate>> anchors_;  // by canonical name
    std::unordered_map<const PathCertificate*, bool> sound_;                 // of certificates that issue
    std::unordered_map<std::string, SignatureResult> signatures_;            // by who signed what
    // By the places of the issuer's and the subject's bytes, which do not move.
    std::map<std::pair<const std::uint8_t*, const std::uint8_t*>, std::optional<ConstraintEvidence>> violations_;
};

// Whether two certificates belong to the same CA: subject and key. A path goes through each once (RFC 4158 §5.2).
bool same_entity(const Certificate& a, const Certificate& b);

}  // namespace certs
