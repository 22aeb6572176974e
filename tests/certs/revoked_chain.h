// A leaf below one CA, judged with lists (RFC 5280 §6.3) or with responses (RFC 6960) about it.
#pragma once

#include <string>
#include <vector>

#include "certs/revocation.h"
#include "tests/certs/chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

namespace revoked_chain {

using namespace certs;
using namespace tests;

inline const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
inline const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").serial(70).signed_by(root());
    return forged;
}
inline Forge leaf() { return Forge::leaf("www.example.com").serial(7); }

inline Verdict judge(const Forge& end, const std::vector<ByteVector>& lists,
                     RevocationDemand demand = RevocationDemand::usable, const std::vector<Forged>& more = {}) {
    std::vector<Crl> parsed;
    for (const ByteVector& list : lists) parsed.push_back(*Crl::parse(list, "http://ca.example/crl"));
    std::vector<Forged> served{Forge(end).signed_by(ca()), ca()};
    served.insert(served.end(), more.begin(), more.end());
    return Chain(served, {root()}).verify([&](VerifyInput& input) {
        input.revocation.lists = parsed;
        input.revocation.demand = demand;
    });
}
inline const Forged& end() {
    static const Forged forged = leaf().issuing_certificate_url({}, {"http://ocsp.example/"}).signed_by(ca());
    return forged;
}
// The verdict on `end` with these responses, from its own responder.
inline Verdict told(const std::vector<ByteVector>& responses, RevocationDemand demand = RevocationDemand::usable,
                    std::string source = "http://ocsp.example/") {
    std::vector<OcspResponse> parsed;
    for (const ByteVector& response : responses) parsed.push_back(*OcspResponse::parse(response, source));
    return Chain({end(), ca()}, {root()}).verify([&](VerifyInput& input) {
        input.revocation.responses = parsed;
        input.revocation.demand = demand;
    });
}
inline std::string told(const ResponseForge& forge) {
    return errors(told(std::vector<ByteVector>{forge.about(end(), ca())}));
}
// Why the answer could not be used, with its time and reason.
inline RevocationEvidence why(const Verdict& verdict) {
    REQUIRE_FALSE(verdict.problems.empty());
    return std::get<RevocationEvidence>(verdict.problems.front().evidence);
}
inline RevocationEvidence why(const ResponseForge& forge) {
    return why(told(std::vector<ByteVector>{forge.about(end(), ca())}));
}
inline Forge responder() { return Forge::leaf("ocsp.example").extended_key_usage({"OCSPSigning"}); }

inline std::string judged(const std::vector<ByteVector>& lists, RevocationDemand demand = RevocationDemand::usable) {
    return errors(judge(leaf(), lists, demand));
}

}  // namespace revoked_chain
