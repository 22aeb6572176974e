// An input as DER elements one after the other: DER marks where each ends; what is not DER is the
// last part.
#pragma once

#include <cstdlib>
#include <vector>

#include "certs/der.h"
#include "certs/verify.h"
#include "certs/wants.h"

inline void require(bool condition) {
    if (!condition) std::abort();
}

inline std::vector<certs::Bytes> split(certs::Bytes input) {
    std::vector<certs::Bytes> parts;
    certs::DerContext context(input);
    certs::DerReader reader(input, context);
    while (!reader.at_end() && parts.size() < 12) {
        const certs::Bytes rest = reader.rest();
        const certs::DerElement element = reader.element();
        parts.push_back(context.failed() ? rest : element.whole);
    }
    return parts;
}

// Verifies the chain, its last certificate trusted, with the given revocation data, under every
// demand. Besides not crashing: a chain that is accepted where an answer is demanded for each
// certificate is accepted where none is demanded, and what is wanted is bounded.
inline void judge_revocation(std::vector<certs::Bytes> chain, certs::RevocationInput revocation, certs::Time at) {
    certs::TrustStore trust;
    if (auto anchor = certs::Certificate::parse(chain.back())) trust.add(*std::move(anchor));
    certs::VerifyInput input{chain, trust, "", at};
    std::vector<bool> accepted;
    using enum certs::RevocationDemand;
    for (const certs::RevocationDemand demand : {best_effort, usable, where_named, everywhere}) {
        revocation.demand = demand;
        input.revocation = revocation;
        const certs::Verdict verdict = certs::verify(input);
        accepted.push_back(verdict.accepted());
        require(certs::wanted_revocation(verdict).size() <= 4 * chain.size());
        for (const certs::Path& path : verdict.paths) {
            for (const certs::GoodAnswer& answer : path.good_answers)
                require(answer.depth + 1 < path.certificates.size());
        }
    }
    require(accepted[0] || !(accepted[1] || accepted[2] || accepted[3]));
}
