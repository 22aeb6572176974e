#include "certs/evaluate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "certs/name_constraints.h"
#include "certs/policy.h"

namespace certs {

namespace {

std::optional<Finding> signature_finding(const Certificate& certificate, std::size_t depth, SignatureResult result,
                                         const PublicKey& key) {
    if (result == SignatureResult::good) return std::nullopt;
    const AlgorithmIdentifier& algorithm = certificate.signature_algorithm();
    const auto bad = [&](AlgorithmFault fault) {
        return Finding{Code::bad_signature, Severity::error, depth,
                       AlgorithmEvidence{algorithm_text(algorithm), key.name(), fault}, "RFC 5280 §6.1.3"};
    };
    // A signature that cannot be verified is worth no more than a broken one.
    const auto unverifiable = [&](std::string_view needed, AlgorithmFault fault) {
        return Finding{Code::weak_signature, Severity::error, depth,
                       AlgorithmEvidence{algorithm_text(algorithm), std::string(needed), fault}, "RFC 5280 §6.1.3"};
    };
    switch (result) {
        case SignatureResult::wrong_digest: return bad(AlgorithmFault::wrong_digest);
        case SignatureResult::wrong_key: return bad(AlgorithmFault::wrong_key_kind);
        case SignatureResult::odd_parameters:
            return unverifiable("parameters as its RFC has them", AlgorithmFault::odd_parameters);
        case SignatureResult::unknown_algorithm:
            return unverifiable("RSA, ECDSA or EdDSA", AlgorithmFault::unknown_algorithm);
        default: return bad(AlgorithmFault::weak);
    }
}

std::optional<Finding> revocation_finding(std::size_t depth, RevocationAnswer& answer) {
    if (answer.status == RevocationStatus::revoked)
        return Finding{Code::revoked, Severity::error, depth, std::move(answer.evidence), answer.rule};
    if (answer.status == RevocationStatus::unavailable)
        return Finding{Code::revocation_unavailable, answer.severity, depth, std::move(answer.evidence), answer.rule};
    return std::nullopt;
}

// RFC 7633 §4.2.3.1: a server with the feature status_request in its certificate answers a
// ClientHello that asks for it. An unusable answer counts as none: an old one, or one about
// another certificate, must not stand in for it.
std::optional<Finding> missing_staple(const Certificate& leaf, Stapling stapling, const RevocationAnswer& answer) {
    constexpr std::uint16_t status_request = 5;  // RFC 6066 §8
    const auto& features = leaf.extensions().tls_features;
    if (stapling == Stapling::not_asked || std::ranges::find(features, status_request) == features.end())
        return std::nullopt;
    const bool answered = answer.status == RevocationStatus::good || answer.status == RevocationStatus::revoked;
    if (stapling == Stapling::present && answered) return std::nullopt;
    const bool unusable = stapling == Stapling::present && answer.status == RevocationStatus::unavailable;
    return Finding{Code::must_staple_missing, Severity::error, 0,
                   unusable ? Evidence(answer.evidence) : Evidence(NoEvidence{}), "RFC 7633 §4.2.3.1"};
}

class Evaluator {
public:
    Evaluator(Evaluation& out, const Question& question, const HostAnswer& host, const RevocationInput& revocation,
              PathBuilder& builder)
        : out_(out), question_(question), host_(host), revocation_(revocation), builder_(builder) {
        for (const PathCertificate& member : out.path.certificates) certificates_.push_back(&member.certificate);
        self_signed_ = !out.path.anchored && ends_self_signed();
        constexpr std::size_t steps = static_cast<std::size_t>(Step::strength) + 1;
        out.path.steps.reserve(steps * certificates_.size());
    }

    void run() {
        path();
        trust();
        signature();
        each(Step::validity, "RFC 5280 §4.1.2.5", check_validity);
        revocation();
        issuer();
        name_constraints();
        policy();
        basic_constraints();
        each_two(Step::key_usage, "RFC 5280 §4.2.1.3", check_key_usage, check_purpose);
        each(Step::critical_extensions, "RFC 5280 §4.2", check_critical_extensions);
        hostname();
        each_two(Step::strength, "CA/Browser Forum BR §6.1.5", check_key_strength, check_signature_strength);
    }

private:
    std::size_t count() const { return certificates_.size(); }
    std::size_t last() const { return count() - 1; }
    const Certificate& at(std::size_t depth) const { return *certificates_[depth]; }
    Role role(std::size_t depth) const {
        return depth == 0 ? Role::leaf : depth == last() && out_.path.anchored ? Role::anchor : Role::intermediate;
    }
    Place place(std::size_t depth) const {
        return {at(depth), depth, role(depth), depth == last() && (out_.path.anchored || self_signed_)};
    }

    bool ends_self_signed() {
        const Certificate& end = at(last());
        return end.is_self_issued() && !is_refuted(builder_.signature(end, end));
    }

    void record(Step step, std::size_t depth, Status status, std::string_view rule,
                std::optional<Finding> finding = std::nullopt) {
        if (finding) out_.findings.push_back(*finding);
        out_.path.steps.push_back({step, depth, status, rule, std::move(finding)});
    }
    void record(Step step, std::size_t depth, std::string_view rule, std::optional<Finding> finding) {
        record(step, depth, finding ? Status::fail : Status::pass, finding ? finding->rule : rule, std::move(finding));
    }

    template <typename Check>
    void each(Step step, std::string_view rule, Check check) {
        for (std::size_t depth = 0; depth < count(); ++depth) record(step, depth, rule, check(place(depth), question_));
    }

    // Two questions that belong to one step: both findings count, the first is the step's.
    template <typename First, typename Second>
    void each_two(Step step, std::string_view rule, First first, Second second) {
        for (std::size_t depth = 0; depth < count(); ++depth) {
            auto finding = first(place(depth), question_);
            auto other = second(place(depth), question_);
            if (finding && other) out_.findings.push_back(*std::exchange(other, std::nullopt));
            record(step, depth, rule, finding ? std::move(finding) : std::move(other));
        }
    }

    void path() {
        for (std::size_t depth = 0; depth < last(); ++depth) record(Step::path, depth, Status::pass, "RFC 4158");
        if (out_.path.anchored || self_signed_) return record(Step::path, last(), Status::pass, "RFC 4158");
        record(Step::path, last(), "RFC 4158",
               Finding{Code::unknown_issuer, Severity::error, last(), wanted_issuer(at(last())), "RFC 5280 §6.1"});
    }

    void trust() {
        // A path without an anchor leaves the question of its end open for every certificate on it.
        const Status below = out_.path.anchored || self_signed_ ? Status::pass : Status::skip;
        for (std::size_t depth = 0; depth < last(); ++depth) record(Step::trust, depth, below, "RFC 5280 §6.1.1");
        if (out_.path.anchored) return record(Step::trust, last(), Status::pass, "RFC 5280 §6.1.1");
        if (!self_signed_) return record(Step::trust, last(), Status::skip, "RFC 5280 §6.1.1");
        const Code code = last() == 0 ? Code::self_signed : Code::untrusted_root;
        record(Step::trust, last(), "RFC 5280 §6.1.1",
               Finding{code, Severity::error, last(), wanted_issuer(at(last())), "RFC 5280 §6.1.1"});
    }

    void signature() {
        for (std::size_t depth = 0; depth < last(); ++depth) record_signature(depth, at(depth + 1));
        if (self_signed_)
            record_signature(last(), at(last()));
        else
            record(Step::signature, last(), Status::skip,
                   "RFC 5280 §6.1.3");  // an anchor's signature proves nothing; an unknown issuer's key is missing
    }

    void record_signature(std::size_t depth, const Certificate& signer) {
        const SignatureResult result = builder_.signature(at(depth), signer);
        // What the budget left unchecked is not a finding; that the budget ran out is a finding of
        // the whole verification. A key that cannot verify anything is reported at its own
        // certificate, by the strength step. So is a hash that no one computes any more (MD2, MD4).
        const bool told_as_weak =
            result == SignatureResult::unknown_algorithm && forgeable_algorithm(at(depth).signature_algorithm());
        if (result == SignatureResult::unchecked || result == SignatureResult::unusable_key || told_as_weak)
            record(Step::signature, depth, Status::skip, "RFC 5280 §6.1.3");
        else
            record(Step::signature, depth, "RFC 5280 §6.1.3",
                   signature_finding(at(depth), depth, result, signer.public_key()));
    }

    void issuer() {
        for (std::size_t depth = 0; depth < count(); ++depth) {
            auto finding = check_name(place(depth), question_);
            const bool known = depth < last() || at(depth).is_self_issued();
            record(Step::issuer, depth,
                   finding ? Status::fail
                   : known ? Status::pass
                           : Status::skip,
                   "RFC 5280 §6.1.3", std::move(finding));
        }
    }

    void name_constraints() {
        for (std::size_t depth = 0; depth < count(); ++depth) {
            std::optional<Finding> finding;
            for (std::size_t above = depth + 1; !finding && above < count() && names_are_judged(at(depth), depth);
                 ++above) {
                if (role(above) == Role::anchor && !question_.anchor_rules.constraints) continue;
                if (const auto& evidence = builder_.violation(at(above), at(depth))) {
                    finding = Finding{Code::name_constraint, Severity::error, depth, *evidence, "RFC 5280 §4.2.1.10"};
                }
            }
            record(Step::name_constraints, depth, "RFC 5280 §4.2.1.10", std::move(finding));
        }
    }

    void revocation() {
        for (std::size_t depth = 0; depth < count(); ++depth) {
            RevocationAnswer answer = check_revocation(certificates_, depth, revocation_, question_.at, builder_);
            if (answer.list_without_number) {
                out_.findings.push_back({Code::profile_violation, Severity::notice, depth,
                                         RuleEvidence{"cRLNumber", "absent", "present in every CRL of its issuer"},
                                         "RFC 5280 §5.2.3"});
            }
            if (answer.status == RevocationStatus::good)
                out_.path.good_answers.push_back({depth, answer.evidence.at, answer.evidence.source});
            auto missing = depth == 0 ? missing_staple(at(0), revocation_.stapling, answer) : std::nullopt;
            auto finding = revocation_finding(depth, answer);
            if (finding && missing) out_.findings.push_back(*std::exchange(missing, std::nullopt));
            if (missing) finding = std::move(missing);
            const Status good = answer.status == RevocationStatus::good ? Status::pass : Status::skip;
            const Status bad = finding && finding->severity == Severity::error ? Status::fail : Status::warn;
            record(Step::revocation, depth, finding ? bad : good, finding ? finding->rule : answer.rule,
                   std::move(finding));
        }
    }

    // Beyond the budget, policies are not checked; the builder does not accept such a path as one
    // that holds.
    bool policies_affordable() {
        std::size_t entries = 0;
        for (const Certificate* const certificate : certificates_) {
            const Extensions& extensions = certificate->extensions();
            if (extensions.policies) entries += extensions.policies->size();
            if (extensions.policy_mappings) entries += extensions.policy_mappings->size();
        }
        std::size_t& left = builder_.budget().policies;
        const bool affordable = entries < left;
        left = affordable ? left - entries : 0;
        return affordable;
    }

    // Policies are a question about the whole path; it fails at the depth where they run out.
    void policy() {
        constexpr std::string_view rule = "RFC 9618 §5";
        if (!out_.path.anchored || !policies_affordable()) {
            for (std::size_t depth = 0; depth < count(); ++depth) record(Step::policy, depth, Status::skip, rule);
            return;
        }
        const auto finding = check_policies(certificates_, question_.anchor_rules.constraints, question_.policy);
        for (std::size_t depth = 0; depth < count(); ++depth)
            record(Step::policy, depth, rule, finding && finding->depth == depth ? finding : std::nullopt);
    }

    void basic_constraints() {
        for (std::size_t depth = 0; depth < count(); ++depth) {
            std::optional<Finding> finding = check_basic_constraints(place(depth), question_);
            const bool judged = depth > 0 && (role(depth) != Role::anchor || question_.anchor_rules.constraints);
            if (!finding && judged) {
                if (const auto evidence = path_length_exceeded(at(depth), std::span(certificates_).first(depth))) {
                    finding = Finding{Code::path_length, Severity::error, depth, *evidence, "RFC 5280 §4.2.1.9"};
                }
            }
            record(Step::basic_constraints, depth, "RFC 5280 §4.2.1.9", std::move(finding));
        }
    }

    void hostname() {
        if (host_.asked)
            record(Step::hostname, 0, "RFC 9525 §6.3", host_.finding);
        else
            record(Step::hostname, 0, Status::skip, "RFC 9525 §6.3");
    }

    Evaluation& out_;
    const Question& question_;
    const HostAnswer& host_;
    const RevocationInput& revocation_;
    PathBuilder& builder_;
    std::vector<const Certificate*> certificates_;
    bool self_signed_ = false;
};

}  // namespace

IssuerEvidence wanted_issuer(const Certificate& child) {
    constexpr std::size_t longest_url = 2048;
    IssuerEvidence evidence{child.issuer().rfc4514(), {}, {}};
    const auto& urls = child.extensions().ca_issuer_urls;
    if (!urls.empty()) evidence.aia_url = std::string(urls.front().substr(0, longest_url));
    return evidence;
}

HostAnswer check_host(const Certificate& leaf, const Host& host) {
    if (certificate_matches(leaf, host)) return {true, std::nullopt};
    const bool no_names = !leaf.extensions().subject_alt_names.has_value();
    return {true, Finding{no_names ? Code::no_subject_alt_name : Code::hostname_mismatch, Severity::error, 0,
                          name_evidence(leaf, host), no_names ? "RFC 9525 §6.2" : "RFC 9525 §6.3"}};
}

std::size_t Evaluation::errors() const {
    return static_cast<std::size_t>(std::ranges::count(findings, Severity::error, &Finding::severity));
}

Evaluation evaluate(PathBuilder::Candidate candidate, const Question& question, const HostAnswer& host,
                    const RevocationInput& revocation, PathBuilder& builder) {
    Evaluation result;
    result.path.anchored = candidate.back().provenance == Provenance::trust_store;
    result.path.certificates = std::move(candidate);
    Evaluator(result, question, host, revocation, builder).run();
    return result;
}

}  // namespace certs
