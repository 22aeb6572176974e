// Verifies forged chains in one line, for tests of the verifier.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "certs/trust_store.h"
#include "certs/verify.h"
#include "tests/support/forge.h"

namespace tests {

struct Chain {
    std::vector<certs::ByteVector> served;
    certs::TrustStore trust;
    std::string host = "www.example.com";
    certs::Time at = forge_time;

    // Trusts `anchors` and serves `served`, leaf first.
    Chain(const std::vector<Forged>& served_chain, const std::vector<Forged>& anchors) {
        for (const Forged& certificate : served_chain) served.push_back(certificate.der);
        for (const Forged& anchor : anchors) trust.add(anchor.certificate());
    }

    std::vector<certs::Bytes> views() const { return {served.begin(), served.end()}; }

    certs::Verdict verify() const {
        const auto chain = views();
        return certs::verify({chain, trust, host, at});
    }
    // With any other fields of VerifyInput that the test sets.
    template <typename Adjust>
    certs::Verdict verify(Adjust adjust) const {
        const auto chain = views();
        certs::VerifyInput input{chain, trust, host, at};
        adjust(input);
        return certs::verify(input);
    }
};

// The codes of all problems that are errors, the first one first: "expired@0 weak_key@1"; "ok" when
// there are none.
inline std::string errors(const certs::Verdict& verdict) {
    std::string text;
    for (const certs::Finding& problem : verdict.problems) {
        if (problem.severity != certs::Severity::error) continue;
        if (!text.empty()) text += ' ';
        text += certs::name(problem.code);
        if (problem.depth) text += '@' + std::to_string(*problem.depth);
    }
    return text.empty() && verdict.accepted() ? "ok" : text;
}

// The same for warnings and notices, profile violations left out.
inline std::string remarks(const certs::Verdict& verdict) {
    std::string text;
    for (const certs::Finding& problem : verdict.problems) {
        if (problem.severity == certs::Severity::error || problem.code == certs::Code::profile_violation) continue;
        if (!text.empty()) text += ' ';
        text += certs::name(problem.code);
        if (problem.depth) text += '@' + std::to_string(*problem.depth);
    }
    return text;
}

// The status of a step at a depth of the best path; nullopt when the step was not checked there.
inline std::optional<certs::Status> status(const certs::Verdict& verdict, certs::Step step, std::size_t depth) {
    for (const certs::StepResult& result : verdict.paths.at(0).steps) {
        if (result.step == step && result.depth == depth) return result.status;
    }
    return std::nullopt;
}

// The subjects of the best path, leaf first: "www.example.com < CA < Root".
inline std::string path_of(const certs::Verdict& verdict) {
    std::string text;
    for (const certs::PathCertificate& certificate : verdict.paths.at(0).certificates) {
        if (!text.empty()) text += " < ";
        text += certificate.certificate.subject().common_name();
    }
    return text;
}

}  // namespace tests
