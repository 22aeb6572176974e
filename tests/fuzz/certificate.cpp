// Certificates and whole chains on any bytes. The input is certificates one after the other (DER
// marks where each ends), leaf first; the last one is the anchor. Besides not crashing: what PEM
// carried and what was printed reads the same, the order of intermediates does not change whether a
// chain is accepted, and nothing is accepted without an anchor.
#include "certs/certificate.h"

#include <algorithm>
#include <vector>

#include "certs/pem.h"
#include "certs/verify.h"
#include "tests/fuzz/parts.h"
#include "tests/support/forge.h"

namespace {

// A name that was printed reads as the same name. (A directory name prints without its types, an
// address in its usual form.)
void check_name(const certs::GeneralName& name) {
    using enum certs::GeneralNameKind;
    if (name.kind != dns && name.kind != email && name.kind != uri && name.kind != address) return;
    const auto element = tests::general_name(certs::text(name));
    require(element.has_value());
    certs::DerContext context(*element);
    certs::DerReader reader(*element, context);
    require(certs::read_general_name(reader, context) == name);
}

bool accepted(const std::vector<certs::Bytes>& chain, const certs::TrustStore& trust, certs::Time at) {
    const certs::Verdict verdict = certs::verify({chain, trust, "www.example.com", at});
    require(verdict.accepted() || !verdict.problems.empty());
    for (const certs::Path& path : verdict.paths) require(!path.certificates.empty() && !path.steps.empty());
    return verdict.accepted();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<certs::Bytes> parts = split({data, size});
    if (parts.empty()) return 0;
    const auto first = certs::Certificate::parse(parts.front());
    if (!first) {
        require(first.error().offset <= parts.front().size());
    } else {
        const certs::Description description = certs::describe(*first);
        require(description.names.size() <= 100 && description.subject.size() <= 4096);
        const auto blocks = certs::read_pem(certs::to_pem(first->der()));
        require(blocks && blocks->size() == 1 && certs::Certificate::parse(blocks->front().content) == *first);
        for (const certs::GeneralName& name : first->subject_alt_names()) check_name(name);
        require(first->subject() == first->subject() &&
                (first->is_self_issued() == (first->subject() == first->issuer())));
    }
    certs::TrustStore trust;
    if (parts.size() > 1) {
        if (auto anchor = certs::Certificate::parse(parts.back())) trust.add(*std::move(anchor));
        parts.pop_back();
    }
    const certs::Time at = first ? first->not_before() : certs::Time{};
    const bool verdict = accepted(parts, trust, at);
    require(!verdict || trust.size() > 0);
    if (parts.size() > 2) {
        std::reverse(parts.begin() + 1, parts.end());
        require(accepted(parts, trust, at) == verdict);
    }
    return 0;
}
