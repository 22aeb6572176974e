#include "certs/verify.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "certs/authority.h"
#include "certs/crypto.h"
#include "certs/der_kind.h"
#include "certs/evaluate.h"
#include "certs/hostname.h"
#include "certs/path_builder.h"
#include "certs/rank.h"
#include "certs/served_chain.h"

namespace certs {

namespace {

// How many candidate paths are kept to explain a failure; what a person can compare.
constexpr std::size_t most_paths = 8;

std::string organisation(const DistinguishedName& name) {
    const auto found =
        std::ranges::find(name.attributes(), static_cast<Oid>(oid::organization_name), &NameAttribute::type);
    return found == name.attributes().end() ? "" : found->text();
}

// The issuer of the issuer, from RFC 5280 §4.2.1.1's authorityCertIssuer; empty when absent.
DistinguishedName issuer_of_issuer(const std::optional<AuthorityKeyIdentifier>& identifier) {
    if (!identifier) return {};
    const auto name = std::ranges::find(identifier->issuer, GeneralNameKind::directory, &GeneralName::kind);
    return name == identifier->issuer.end() ? DistinguishedName{} : directory_name(*name).value_or(DistinguishedName{});
}

// Finds the anchor that is likely above an issuer of which only the name is known.
void tell_kin(IssuerEvidence& evidence, const Certificate& child, const TrustStore& trust) {
    const DistinguishedName above = issuer_of_issuer(child.extensions().authority_key_identifier);
    const std::string wanted = organisation(child.issuer());
    for (const Certificate& anchor : trust.anchors()) {
        const bool named = !above.empty() && above == anchor.subject();
        if (!named && (wanted.empty() || organisation(anchor.subject()) != wanted)) continue;
        if (named || evidence.kin.empty()) evidence.kin = anchor.subject().rfc4514();
        evidence.kin_named = named;
        evidence.kin_count = named ? 1 : evidence.kin_count + 1;
        if (named) return;
    }
}

SignatureResult signature_of(const Certificate& issuer, const Certificate& child) {
    return verify_signature(issuer.public_key(), child.signature_algorithm(), child.tbs(), child.signature());
}

class Verification {
public:
    explicit Verification(const VerifyInput& input)
        : input_(input), question_{input.at, input.purpose, input.anchor_rules, input.policy} {
        verdict_.at = input.at;
        verdict_.anchors = input.trust.size();
    }

    Verdict run() {
        const Host host = input_.host.empty() ? Host{} : parse_host(input_.host);
        verdict_.host = host.text;
        read_served();
        if (verdict_.served.empty() || !verdict_.served.front().certificate) {
            leaf_unreadable();
            return std::move(verdict_);
        }
        if (!input_.host.empty()) host_ = check_host(*verdict_.served.front().certificate, host);
        evaluate_paths();
        Evaluation& best = evaluations_.front();
        std::vector<Finding>& problems = verdict_.problems;
        problems = best.findings;
        if (sound_)
            std::ranges::move(missing_intermediates(best.path), std::back_inserter(problems));
        else if (left_at_limit(best.path))
            tell_limit_of_length(best.path);
        else
            report_limits(best);
        for (Finding& finding : problems) tell_what_was_found(finding, best.path);
        std::ranges::move(namesake_findings(problems, best.path), std::back_inserter(problems));
        std::ranges::move(malformed_findings(best), std::back_inserter(problems));
        std::ranges::move(served_findings(verdict_.served, best.path), std::back_inserter(problems));
        // For a path that was cut at the length limit, what belongs to the rest of it is not known.
        if (left_at_limit(best.path))
            std::erase_if(problems, [](const Finding& one) { return one.code == Code::extra_certificates; });
        const auto is_private = [&](const Certificate& ca) { return input_.trust.is_own(ca) || made_by_whytls(ca); };
        const bool below_public_ca = best.path.anchored && !is_private(best.path.certificates.back().certificate);
        std::ranges::move(lifetime_findings(best.path, input_.at, below_public_ca), std::back_inserter(problems));
        for (std::size_t depth = 0; depth < best.path.certificates.size(); ++depth) {
            const bool anchor = depth > 0 && depth + 1 == best.path.certificates.size() && best.path.anchored;
            if (anchor && !input_.anchor_rules.certificate) continue;
            const Role role = depth == 0 ? Role::leaf : anchor ? Role::anchor : Role::intermediate;
            std::ranges::move(profile_findings({best.path.certificates[depth].certificate, depth, role}),
                              std::back_inserter(problems));
        }
        if (input_.profile == Profile::strict) make_strict(problems);
        rank_findings(problems);
        for (Evaluation& evaluation : evaluations_) verdict_.paths.push_back(std::move(evaluation.path));
        return std::move(verdict_);
    }

private:
    void read_served() {
        // A TLS server sends at most 64 here (cmake/build-wolfssl). A file offline may contain
        // more; the rest is not looked at.
        constexpr std::size_t most_served = 256;
        verdict_.not_looked_at = input_.served.size() - std::min(input_.served.size(), most_served);
        for (const Bytes der : input_.served.first(std::min(input_.served.size(), most_served))) {
            Served served{{der.begin(), der.end()}, std::nullopt, std::nullopt};
            if (auto certificate = Certificate::parse(der))
                served.certificate = *std::move(certificate);
            else
                served.malformed = evidence_of(certificate.error(), der);
            verdict_.served.push_back(std::move(served));
        }
    }

    static ParseEvidence evidence_of(const ParseError& error, Bytes der) {
        ParseEvidence evidence{std::string(error.field), error.offset, std::string(error.reason), error.fault};
        evidence.instead = der_kind(der).noun;
        if (const auto subject = evidence.instead.empty() ? subject_at_least(der) : std::nullopt)
            evidence.subject = subject->rfc4514();
        return evidence;
    }

    // The best path may be longer than those that are followed: then it ends where it was cut, and
    // no issuer is missing.
    bool left_at_limit(const Path& path) const {
        return !path.anchored && path.certificates.size() > input_.most_intermediates + 2;
    }

    void tell_limit_of_length(Path& path) {
        const auto unknown = [](const Finding& finding) { return finding.code == Code::unknown_issuer; };
        std::erase_if(verdict_.problems, unknown);
        // The builder stopped at the first certificate beyond the limit: there may be more.
        const LengthEvidence length{input_.most_intermediates, path.certificates.size() - 1};
        const Finding finding{Code::path_too_complex, Severity::error, std::nullopt, length, "RFC 4158 §3.2"};
        verdict_.problems.push_back(finding);
        for (StepResult& result : path.steps) {
            if (result.finding && unknown(*result.finding)) result.finding = finding;
        }
    }

    // A path that was built only to explain is never accepted: if each step of it passes, a limit
    // is what refuses it.
    void report_limits(const Evaluation& best) {
        if (!complex_ && best.errors() > 0) return;
        LengthEvidence length{input_.most_intermediates,
                              best.path.certificates.size() - std::min<std::size_t>(best.path.certificates.size(), 2)};
        const bool long_path = length.found > length.allowed;
        verdict_.problems.push_back({Code::path_too_complex, Severity::error, std::nullopt,
                                     long_path ? Evidence(length) : Evidence(NoEvidence{}), "RFC 4158 §3.2"});
    }

    void leaf_unreadable() {
        const ParseEvidence nothing{"certificate", 0, "a certificate was expected"};
        verdict_.problems.push_back({Code::malformed_certificate, Severity::error, 0,
                                     verdict_.served.empty() ? nothing : *verdict_.served.front().malformed,
                                     "RFC 5280 §4.1"});
    }

    void evaluate_paths() {
        const PathCertificate leaf{*verdict_.served.front().certificate, Provenance::served};
        std::vector<PathCertificate> pool;
        for (std::size_t i = 1; i < verdict_.served.size(); ++i) {
            if (verdict_.served[i].certificate) pool.push_back({*verdict_.served[i].certificate, Provenance::served});
        }
        if (find_sound(leaf, pool)) return;
        pool.insert(pool.end(), input_.extra.begin(), input_.extra.end());
        if (!input_.extra.empty() && find_sound(leaf, pool)) return;
        PathBuilder builder = make_builder(leaf, pool);
        for (PathBuilder::Candidate& candidate : builder.find_broken(most_paths)) {
            evaluations_.push_back(evaluate(std::move(candidate), question_, host_, input_.revocation, builder));
        }
        complex_ = complex_ || builder.budget().comparisons.exhausted;
        rank_paths(evaluations_);
    }

    PathBuilder make_builder(const PathCertificate& leaf, std::span<const PathCertificate> pool) const {
        return {leaf, pool, input_.trust, {question_, input_.most_intermediates}};
    }

    bool find_sound(const PathCertificate& leaf, std::span<const PathCertificate> pool) {
        PathBuilder builder = make_builder(leaf, pool);
        // Only faults of the leaf itself or of its name may be left: they are the same on every
        // path.
        std::optional<Evaluation> last;
        const auto holds = [&](const PathBuilder::Candidate& candidate) {
            last = evaluate(candidate, question_, host_, input_.revocation, builder);
            return std::ranges::none_of(last->findings, [](const Finding& finding) {
                return finding.severity == Severity::error &&
                       (finding.depth.value_or(1) != 0 || finding.code == Code::name_constraint ||
                        finding.code == Code::certificate_policy);
            });
        };
        const bool found = builder.find_sound(holds).has_value();
        complex_ = complex_ || (!found && builder.budget().exhausted());
        if (!found) return false;
        complex_ = false;
        sound_ = true;
        evaluations_.push_back(*std::move(last));
        return true;
    }

    // Where a sound path goes from what was served to what had to be found elsewhere.
    static std::vector<Finding> missing_intermediates(const Path& path) {
        for (std::size_t depth = 0; depth + 1 < path.certificates.size(); ++depth) {
            const PathCertificate& issuer = path.certificates[depth + 1];
            if (issuer.provenance == Provenance::served || issuer.provenance == Provenance::trust_store) continue;
            return {{Code::missing_intermediate, Severity::error, depth,
                     wanted_issuer(path.certificates[depth].certificate), "RFC 8446 §4.4.2"}};
        }
        return {};
    }

    // What was there in place of a missing issuer: a CA of its name with another key, or else a CA
    // that was sent for nothing.
    void tell_what_was_found(Finding& finding, const Path& path) const {
        auto* const evidence = std::get_if<IssuerEvidence>(&finding.evidence);
        if (evidence == nullptr || !finding.depth) return;
        // For a root that was sent, the question is who else could have issued the certificate
        // below it.
        const std::size_t depth = *finding.depth - (finding.code == Code::untrusted_root && *finding.depth > 0 ? 1 : 0);
        const Certificate& child = path.certificates[depth].certificate;
        const auto tell = [&](const Certificate& found, Provenance from) {
            evidence->found = found.subject().rfc4514();
            evidence->from = from;
            if (!(found.subject() == child.issuer())) return;
            evidence->found = evidence->wanted;  // as it is spelled there
            evidence->wanted_key = hex(child.authority_key_identifier());
            evidence->found_key = hex(found.subject_key_identifier());
            evidence->found_other_kind = signature_of(found, child) == SignatureResult::wrong_key;
        };
        if (finding.code == Code::unknown_issuer) evidence->unreadable = unreadable_issuer(child);
        if (evidence->unreadable) return;
        if (finding.code == Code::unknown_issuer || finding.code == Code::missing_intermediate) {
            const Certificate* instead = nullptr;
            for (const Served& served : verdict_.served) {
                if (!served.certificate || !served.certificate->is_ca() || on_path(*served.certificate, path)) continue;
                const bool namesake = served.certificate->subject() == child.issuer();
                if (instead == nullptr || namesake) instead = &*served.certificate;
                if (namesake) break;
            }
            if (instead != nullptr) tell(*instead, Provenance::served);
        }
        auto anchors = input_.trust.find(child.issuer());
        // An anchor that also has the key of the path's end is not another root.
        std::erase_if(anchors, [&](const Certificate* anchor) {
            return same_entity(*anchor, path.certificates.back().certificate);
        });
        if (!path.anchored && evidence->found != evidence->wanted && !anchors.empty())
            tell(*anchors.front(), Provenance::trust_store);
        if (finding.code == Code::unknown_issuer && evidence->found.empty()) tell_kin(*evidence, child, input_.trust);
    }

    // If an issuer is missing while a CA of its name was sent, it is worth reporting too that this
    // CA's key did not sign.
    std::vector<Finding> namesake_findings(const std::vector<Finding>& problems, const Path& path) const {
        std::vector<Finding> findings;
        for (const Finding& problem : problems) {
            const auto* const evidence = std::get_if<IssuerEvidence>(&problem.evidence);
            const bool sent =
                evidence != nullptr && evidence->found == evidence->wanted && evidence->from == Provenance::served;
            if (problem.code != Code::unknown_issuer || !sent) continue;
            const Certificate& child = path.certificates[*problem.depth].certificate;
            const auto is_namesake = [&](const Served& served) {
                return served.certificate && served.certificate->is_ca() &&
                       served.certificate->subject() == child.issuer();
            };
            const auto found = std::ranges::find_if(verdict_.served, is_namesake);
            if (found == verdict_.served.end()) continue;
            if (!is_refuted(signature_of(*found->certificate, child))) continue;
            const std::string key = found->certificate->public_key().name();
            findings.push_back({Code::bad_signature, Severity::warning, problem.depth,
                                AlgorithmEvidence{algorithm_text(child.signature_algorithm()), key},
                                "RFC 5280 §6.1.3"});
        }
        return findings;
    }

    // The issuer may be present as a certificate that cannot be read.
    std::optional<std::size_t> unreadable_issuer(const Certificate& child) const {
        for (std::size_t i = 0; i < verdict_.served.size(); ++i) {
            if (verdict_.served[i].certificate) continue;
            const auto subject = subject_at_least(verdict_.served[i].der);
            if (subject && *subject == child.issuer()) return i;
        }
        return std::nullopt;
    }

    static bool on_path(const Certificate& certificate, const Path& path) {
        return std::ranges::any_of(path.certificates,
                                   [&](const PathCertificate& member) { return member.certificate == certificate; });
    }

    // A served certificate that cannot be read matters when the path could not be completed: it may
    // be the missing one.
    std::vector<Finding> malformed_findings(const Evaluation& best) const {
        std::vector<Finding> findings;
        for (std::size_t i = 0; i < verdict_.served.size(); ++i) {
            if (!verdict_.served[i].malformed) continue;
            findings.push_back({Code::malformed_certificate, best.path.anchored ? Severity::notice : Severity::error, i,
                                *verdict_.served[i].malformed, "RFC 5280 §4.1"});
        }
        return findings;
    }

    const VerifyInput& input_;
    Question question_;
    HostAnswer host_;
    std::vector<Evaluation> evaluations_;
    bool sound_ = false;    // the path was found by the search that cuts at every fault
    bool complex_ = false;  // a budget ran out before a path was found
    Verdict verdict_;
};

}  // namespace

Verdict verify(const VerifyInput& input) { return Verification(input).run(); }

}  // namespace certs
