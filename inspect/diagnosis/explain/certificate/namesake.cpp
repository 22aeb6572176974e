// A CA with the issuer's name is at hand, but its key is another: the CA was made again, or two CAs
// share a name.
#include <fmt/format.h>

#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::IssuerEvidence;

void tell_anchor_fixes(const Case& c, Problem& problem) {
    problem.fixes = {{Actor::client, "If the CA was made again, replace its old root by the new one in what you trust.",
                      "whytls proxy --add-trust your-root.pem"}};
    if (const Provider* provider = c.context.provider; provider != nullptr && mends(*provider, problem.code)) {
        problem.evidence.push_back(row("recognised", std::string(provider->title), "by the issuer's name"));
        problem.fixes.push_back(fix_of(*provider, c.context.attempt.host));
    }
    problem.fixes.push_back(
        {Actor::server, "If the old root is the right one, issue the certificate again from the CA that has its key.",
         ""});
}

}  // namespace

void tell_namesake(const Case& c, Problem& problem, const IssuerEvidence& issuer, bool other_key) {
    const bool anchor = issuer.from == certs::Provenance::trust_store;
    const bool by_identifiers =
        other_key || (!issuer.wanted_key.empty() && !issuer.found_key.empty() && issuer.wanted_key != issuer.found_key);
    if (!by_identifiers)
        problem.detail = fmt::format(
            "{} Its key did not sign {}: most likely the CA was made again with another key, or another CA uses its name; or the "
            "certificate was altered or damaged after it was signed, which cannot be told apart without key identifiers.",
            anchor
                ? "A root of the issuer's name is in the trust store."
                : fmt::format("A CA certificate of the issuer's name {}.", c.offline() ? "is in the file" : "was sent"),
            c.who(c.depth(), 60));
    else if (anchor)
        problem.detail =
            "A root of the same name is trusted here, but it has another key. Either the CA was made again and this machine has its old "
            "root (or the server a certificate of the old one), or another CA uses its name.";
    else
        problem.detail = fmt::format(
            "The CA has several certificates of that name, with different keys; the one {} did not sign {}.",
            c.offline() ? "in the file" : "that was sent", c.who(c.depth(), 60));
    if (!issuer.wanted_key.empty())
        problem.evidence.push_back(
            row("key needed", issuer.wanted_key, "the key identifier that the certificate below names"));
    if (!issuer.found_key.empty())
        problem.evidence.push_back(
            row(anchor ? "key of the root trusted here" : "key found", issuer.found_key, "its key identifier"));
    if (!by_identifiers) problem.proof = Proof::likely;
    if (anchor) return tell_anchor_fixes(c, problem);
    if (!problem.fixes.empty())
        problem.fixes.front() = {
            Actor::server,
            fmt::format(
                "Put the certificate of {} that has the key needed in the place of the one {}; the CA that issued "
                "the certificate gives it out.",
                quoted(short_name(issuer.wanted), 40), c.offline() ? "in the file" : "that is sent"),
            ""};
}

}  // namespace inspect::diagnosis
