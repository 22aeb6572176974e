// Builds paths from a leaf to an anchor (RFC 4158 in spirit): lazily, best candidate first, cutting
// a branch at its first fault, under a budget. When none holds it builds the likeliest broken ones,
// so that there is something to explain. Knows what makes a path bad, not how to say it.
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

// How much work one verification may do. Every limit is on something that an attacker chooses.
struct PathBudget {
    // Go's maxChainSignatureChecks and webpki's MAX_SIGNATURE_CHECKS (CVE-2018-16875,
    // RUSTSEC-2023-0052). A signature by an RSA key of more than 4,096 bits counts four times, as
    // each doubling of the modulus makes it four times as expensive.
    std::size_t signatures = 100;
    // Signatures of lists and responses count separately, so that a chain that spends the others
    // does not escape revocation. A path of 34 certificates with a list and a response each, and a
    // responder that changed its key, needs 102.
    std::size_t revocation_signatures = 110;
    // webpki's MAX_BUILD_CHAIN_CALLS, counted in candidates looked at; each costs some comparisons.
    std::size_t candidates = 100'000;
    // Complete paths that are judged as a whole. Only policies and revocation can still refuse one
    // and let another pass, so with real chains the first one holds. Judging a path costs up to
    // some milliseconds.
    std::size_t paths = 50;
    // Policies and mappings on all those paths; each costs about 1 µs. A real path has some dozens,
    // one across bridge CAs hundreds.
    std::size_t policies = 60'000;
    ComparisonBudget comparisons;
    bool exhausted() const {
        return signatures == 0 || candidates == 0 || paths == 0 || policies == 0 || comparisons.exhausted;
    }
};

class PathBuilder {
public:
    struct Settings {
        Question question;
        // CAs between leaf and anchor, self-issued ones not counted (RFC 5280 §4.2.1.9). Real
        // chains have at most four, test suites up to 31; OpenSSL stops at 100, webpki at 6.
        std::size_t most_intermediates = 32;
    };
    using Candidate = std::vector<PathCertificate>;  // leaf first

    // `pool`: the certificates that may be between leaf and anchor. `pool` and `trust` must outlive
    // the builder.
    PathBuilder(PathCertificate leaf, std::span<const PathCertificate> pool, const TrustStore& trust,
                Settings settings);

    // The first path to an anchor on which each certificate but the leaf and each pair is sound,
    // and which `holds` accepts; nullopt when there is none or the budget ran out. The leaf is the
    // same on every path, so its own faults decide nothing here.
    std::optional<Candidate> find_sound(const std::function<bool(const Candidate&)>& holds);

    // Paths that are not sound, the likeliest first, at most `most`. There is always one: only the
    // leaf, if nothing issued it.
    std::vector<Candidate> find_broken(std::size_t most);

    // Whether `issuer`'s key made `child`'s signature. Cached; counted when it is computed, and
    // `unchecked` when the budget is spent.
    SignatureResult signature(const Certificate& child, const Certificate& issuer);

    // The same for a list and for a response; and the pool's certificates of a name, to find
    // another signer.
    SignatureResult signature(const Crl& list, const Certificate& signer);
    SignatureResult signature(const OcspResponse& response, const Certificate& signer);
    std::span<const PathCertificate* const> named(const DistinguishedName& name) const;

    // How `subject` violates `issuer`'s name constraints. Cached.
    const std::optional<ConstraintEvidence>& violation(const Certificate& issuer, const Certificate& subject);

    PathBudget& budget() { return budget_; }

private:
    struct Option {
        const PathCertificate* certificate;
        int rank;
        std::size_t order;  // among equals: the order found
    };
    std::vector<Option> issuers_of(const std::vector<const PathCertificate*>& path);
    bool joins(const std::vector<const PathCertificate*>& path, const PathCertificate& issuer);
    bool search(std::vector<const PathCertificate*>& path, const std::function<bool(const Candidate&)>& holds);
    void explore(std::vector<const PathCertificate*>& path, std::size_t most, std::vector<Candidate>& found);
    const std::vector<PathCertificate>& anchors_named(const DistinguishedName& name);
    bool sound(const PathCertificate& certificate, Role role, std::size_t depth);
    bool is_self_signed(const Certificate& certificate);
    template <typename Signed>
    SignatureResult remembered_signature(Bytes identity, const Signed& document, const Certificate& signer,
                                         std::size_t& budget);

    PathCertificate leaf_;
    const TrustStore& trust_;
    Settings settings_;
    PathBudget budget_;
    std::vector<const PathCertificate*> pool_;                               // by subject, see by_subject()
    std::unordered_map<std::string, std::vector<PathCertificate>> anchors_;  // by canonical name
    std::unordered_map<const PathCertificate*, bool> sound_;                 // of certificates that issue
    std::unordered_map<std::string, SignatureResult> signatures_;            // by who signed what
    // By the addresses of the issuer's and the subject's bytes, which do not move.
    std::map<std::pair<const std::uint8_t*, const std::uint8_t*>, std::optional<ConstraintEvidence>> violations_;
};

// Whether two certificates belong to the same CA: subject and key. A path goes through each once
// (RFC 4158 §5.2).
bool same_entity(const Certificate& a, const Certificate& b);

}  // namespace certs
