#include <fmt/format.h>

#include <algorithm>

#include "certs/sct.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// Chrome and Safari want two logs for a certificate of up to 180 days; longer ones need three.
constexpr std::size_t least = 2;

struct Count {
    std::size_t logs = 0;       // how many different logs promised
    std::string_view unusable;  // why the list cannot be read; "" when it can, or when there is none
};

Count embedded_in(const certs::Certificate& leaf) {
    const auto& list = leaf.extensions().sct_list;
    if (!list) return {};
    const auto scts = certs::read_sct_list(*list);
    if (!scts) return {0, scts.error().reason};
    std::vector<std::string_view> logs;
    for (const certs::Sct& sct : *scts)
        if (!sct.log_id.empty()) logs.push_back(certs::as_text(sct.log_id));
    std::ranges::sort(logs);
    return {logs.size() - std::ranges::unique(logs).size(), ""};
}

}  // namespace

std::optional<Problem> explain_transparency(const Context& context) {
    const auto& verdict = context.attempt.verdict;
    if (!context.attempt.root_of_system || !verdict || !verdict->accepted() || verdict->paths.empty())
        return std::nullopt;
    const Count found = embedded_in(verdict->paths.front().certificates.front().certificate);
    if (found.logs >= least) return std::nullopt;

    Problem problem = problem_of(Code::ct_missing);
    problem.depth = 0;
    // The handshake and a staple may carry them too, and are not looked at.
    problem.proof = Proof::likely;
    problem.title = found.logs == 0
                        ? fmt::format("the certificate for {} carries no proof that it is publicly logged",
                                      shorten(context.whose(), 60))
                        : fmt::format("the certificate for {} carries proof of one public log only; browsers want two",
                                      shorten(context.whose(), 50));
    problem.detail =
        "Chrome and Safari refuse a certificate from a public CA unless two logs of Certificate Transparency vouch for it (RFC 6962). A root "
        "that your organisation added to the system's store is exempt; so are timestamps that the server sends in the handshake.";
    problem.evidence = {
        {"timestamps embedded (SCT)",
         counted(found.logs, "log"),
         found.unusable.empty() ? "" : fmt::format("the list cannot be read: {} was expected", found.unusable),
         {}},
        {"browsers want", fmt::format("{} logs at least", least), "", {}},
        {"root", context.chain.back().description.subject, "", {}}};
    problem.fixes = {
        {Actor::server,
         "Have the certificate issued again by a CA that logs it before it is issued: every public CA does, unless logging was "
         "turned off for it.",
         ""},
        {Actor::client, "See what the certificate carries.",
         context.attempt.verified_file
             ? fmt::format("openssl x509 -in {} -noout -ext ct_precert_scts", shell_word(context.file()))
             : fmt::format("{} 2>/dev/null | openssl x509 -noout -ext ct_precert_scts", context.s_client())}};
    return problem;
}

}  // namespace inspect::diagnosis
