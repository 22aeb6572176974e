// What is said of revocation: who says so, since when, and the two values that disagree when no
// answer can be used.
#include <algorithm>

#include "certs/verify.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/wording.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

using namespace inspect::diagnosis;
using namespace tests;
using certs::OcspCertStatus;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").signed_by(root());
    return forged;
}
const Forged& leaf() {
    static const Forged forged =
        Forge::leaf("api.example.com").issuing_certificate_url({}, {"http://ocsp.example/"}).signed_by(ca());
    return forged;
}

Diagnosis explained(const certs::RevocationInput& revocation) {
    const std::vector<certs::Bytes> served{leaf(), ca()};
    certs::TrustStore trust;
    trust.add(root().certificate());
    certs::VerifyInput input{served, trust, "api.example.com", forge_time};
    input.revocation = revocation;
    Attempt attempt = attempt_at("api.example.com");
    attempt.verdict = certs::verify(input);
    return explain(attempt);
}
Diagnosis stapled(const ResponseForge& forge, certs::RevocationDemand demand = certs::RevocationDemand::best_effort) {
    const std::vector<certs::OcspResponse> responses{
        *certs::OcspResponse::parse(forge.about(leaf(), ca()), std::string(certs::stapled_response))};
    return explained({.responses = responses, .demand = demand});
}
const StepSummary& revocation_step(const Diagnosis& diagnosis) {
    return *std::ranges::find(diagnosis.steps, "revocation", &StepSummary::step);
}

}  // namespace

TEST_CASE("a good staple is told in the step with its date, of the certificate that it is about alone") {
    const Diagnosis diagnosis = stapled({});
    CHECK(diagnosis.outcome == Outcome::ok);
    const StepSummary& step = revocation_step(diagnosis);
    CHECK(step.status == certs::Status::pass);
    CHECK(step.summary == "good, says the stapled response of 2026-05-31");
    REQUIRE(step.certificates.size() == 3);
    CHECK(step.certificates[0].summary == step.summary);
    CHECK(step.certificates[1].status == certs::Status::skip);
}

TEST_CASE("without an answer the step says that none was asked for") {
    CHECK(revocation_step(explained({})).summary == "not asked (--revocation soft or hard asks)");
}

TEST_CASE("a revoked certificate is told with its age, its moment, its reason and who says so") {
    const Diagnosis diagnosis = stapled({.status = OcspCertStatus::revoked, .reason = 1});
    CHECK(diagnosis.code == Code::revoked);
    CHECK(diagnosis.title == "the certificate was revoked 2 days ago, at 2026-05-30 12:00:00 UTC: keyCompromise");
    const Problem& problem = diagnosis.problems.front();
    CHECK(problem.detail.find("whoever has it can take the server's place") != std::string::npos);
    const auto teller = std::ranges::find(problem.evidence, "told by", &EvidenceRow::label);
    REQUIRE(teller != problem.evidence.end());
    CHECK(teller->value == "stapled response");
    CHECK(problem.fixes.back().command ==
          "openssl s_client -connect api.example.com:443 -servername api.example.com -status </dev/null");
}

TEST_CASE("an answer that is out of date is a notice with both moments, and an error when one is demanded") {
    const ResponseForge old{.next_update = days_later(-3)};
    const Diagnosis noticed = stapled(old);
    CHECK(noticed.outcome == Outcome::ok);
    CHECK(revocation_step(noticed).status == certs::Status::warn);
    const Problem& problem = noticed.problems.front();
    CHECK(
        problem.title ==
        "unknown whether the certificate is revoked: the stapled response expired 3 days ago, at 2026-05-29 12:00:00 UTC");
    CHECK(problem.evidence[2].value == "2026-05-29 12:00:00 UTC");
    CHECK(problem.evidence[3].value == "2026-06-01 12:00:00 UTC");
    const Diagnosis demanded = stapled(old, certs::RevocationDemand::where_named);
    CHECK(demanded.code == Code::revocation_unavailable);
    CHECK(demanded.problems.front().fixes.back().command == "whytls proxy --revocation soft");
}

TEST_CASE("every reason why there is no answer has its own words, a short title and a fix") {
    std::vector<std::string> titles;
    for (int why = static_cast<int>(certs::NoAnswer::nothing_received);
         why <= static_cast<int>(certs::NoAnswer::refused_by_responder); ++why) {
        for (const std::string source : {"stapled response", "http://ocsp.example/"}) {
            for (const std::size_t depth : {0, 1}) {
                certs::Verdict verdict;
                verdict.at = forge_time;
                verdict.problems.push_back(
                    {certs::Code::revocation_unavailable, certs::Severity::error, depth,
                     certs::RevocationEvidence{days_later(-3), "tryLater", source, certs::NoAnswer{why}},
                     "RFC 6960 §3.2"});
                Attempt attempt = attempt_at("api.example.com");
                attempt.verdict = verdict;
                const Problem problem = explain(attempt).problems.front();
                INFO(problem.title);
                CHECK(problem.title.size() <= title_limit);
                CHECK_FALSE(problem.fixes.empty());
                if (depth == 0 && source == "stapled response") titles.push_back(problem.title);
            }
        }
    }
    std::ranges::sort(titles);
    CHECK(std::ranges::adjacent_find(titles) == titles.end());
}

TEST_CASE("a promise to staple that is not kept is told with what the certificate says and what came") {
    const Forged promising = Forge::leaf("api.example.com").must_staple().signed_by(ca());
    const std::vector<certs::Bytes> served{promising, ca()};
    certs::TrustStore trust;
    trust.add(root().certificate());
    certs::VerifyInput input{served, trust, "api.example.com", forge_time};
    input.revocation.stapling = certs::Stapling::absent;
    Attempt attempt = attempt_at("api.example.com");
    attempt.verdict = certs::verify(input);
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::must_staple_missing);
    CHECK(revocation_step(diagnosis).status == certs::Status::fail);
    const Problem& problem = diagnosis.problems.front();
    // The certificate names no responder: a server has none to ask, so switching stapling on mends
    // nothing.
    CHECK(std::ranges::any_of(problem.evidence,
                              [](const EvidenceRow& row) { return row.value == "none in the certificate"; }));
    CHECK(problem.fixes.front().text.starts_with("Have the certificate issued without must-staple"));
    CHECK(problem.fixes.size() == 1);

    const Forged stapled = Forge::leaf("api.example.com")
                               .issuing_certificate_url({}, {"http://ocsp.example/"})
                               .must_staple()
                               .signed_by(ca());
    const std::vector<certs::Bytes> with_responder{stapled, ca()};
    certs::VerifyInput second{with_responder, trust, "api.example.com", forge_time};
    second.revocation.stapling = certs::Stapling::absent;
    attempt.verdict = certs::verify(second);
    CHECK(explain(attempt).problems.front().fixes.front().text.starts_with("Switch OCSP stapling on"));
}

TEST_CASE("a constraint that begins with a dot and leaves out the very name is told with the one that would not") {
    const Forged dotted = Forge::intermediate("Dotted").name_constraints({dns(".example.com")}, {}).signed_by(root());
    const Forged outside = Forge::leaf("example.com").signed_by(dotted);
    const std::vector<certs::Bytes> served{outside, dotted};
    certs::TrustStore trust;
    trust.add(root().certificate());
    const certs::VerifyInput input{served, trust, "example.com", forge_time};
    Attempt attempt = attempt_at("example.com");
    attempt.verdict = certs::verify(input);
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::name_constraint);
    CHECK(diagnosis.problems.front().detail.contains("begins with a dot"));
    CHECK(diagnosis.problems.front().fixes.front().text.contains("without its dot"));
}

TEST_CASE("a list of the root's, which says nothing of the certificate itself, does not pass for an answer about it") {
    const std::vector<certs::Crl> lists{*certs::Crl::parse(ListForge{}.signed_by(root()))};
    const StepSummary step = revocation_step(explained({.lists = lists, .demand = certs::RevocationDemand::usable}));
    CHECK(step.status == certs::Status::skip);
    CHECK(step.summary == "no answer is about the certificate itself; \"CA\" is not revoked");
    const std::vector<certs::Crl> both{lists.front(), *certs::Crl::parse(ListForge{}.signed_by(ca()))};
    CHECK(revocation_step(explained({.lists = both, .demand = certs::RevocationDemand::usable})).status ==
          certs::Status::pass);
}
