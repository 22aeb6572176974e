// A certificate that bears its CA's own name: OpenSSL takes it for self-signed, though another key signed it.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain_parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// OpenSSL compares issuer and subject, and the key identifiers and serial numbers where both are there (X509_check_akid); never the keys.
bool looks_self_signed(const certs::Certificate& leaf) {
    const certs::Extensions& extensions = leaf.extensions();
    if (!leaf.is_self_issued()) return false;
    if (!extensions.authority_key_identifier) return true;
    const auto& [key, names, serial] = *extensions.authority_key_identifier;
    const auto& own = extensions.subject_key_identifier;
    const bool other_key = key && own && !std::ranges::equal(*key, *own);
    return !other_key && (!serial || std::ranges::equal(*serial, leaf.serial()));
}

}  // namespace

std::optional<Problem> explain_same_name(const Context& context) {
    const auto& verdict = context.attempt.verdict;
    if (!verdict || verdict->paths.empty() || verdict->paths.front().certificates.size() < 2) return std::nullopt;
    if (!looks_self_signed(verdict->paths.front().certificates.front().certificate)) return std::nullopt;
    Problem problem = problem_of("profile_violation");
    problem.severity = certs::Severity::warning;
    problem.depth = 0;
    problem.title = fmt::format("clients on OpenSSL refuse the certificate: its name and its CA's are both {}",
                                quoted(short_name(context.chain.front().description.subject), 40));
    problem.detail =
        "Another key signed it, and it is no self-signed certificate. OpenSSL (curl, Python, Node) goes by the names: where issuer and "
        "subject "
        "are the same and no key identifiers tell them apart, it says \"self-signed certificate\" (error 18) and looks for no issuer.";
    problem.evidence = {{"subject", context.chain.front().description.subject, "", {}},
                        {"issuer", context.chain.front().description.issuer, "", {}}};
    problem.fixes = {{Actor::server,
                      "Make the CA anew under a name of its own, such as \"Example CA\", and have the certificate issued again.",
                      "openssl req -x509 -new -key ca-key.pem -days 3650 -subj '/CN=Example CA' -addext "
                      "basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem"}};
    return problem;
}

}  // namespace inspect::diagnosis
