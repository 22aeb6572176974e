// chain_order: the order of the certificates, the order that they should have, and the command that
// puts a file right.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

constexpr std::size_t most_told = 8;

std::string entry(const Case& c, std::size_t served) {
    const auto& certificate = c.verdict.served[served].certificate;
    const std::string subject = certificate ? certs::describe(*certificate).subject : "";
    return fmt::format("number {}, {}", place_of(c, served),
                       !certificate      ? "which cannot be read"
                       : subject.empty() ? "without a subject"
                                         : shorten(subject, 120));
}

// The members of the path in its order, by their position in Verdict::served; without the root,
// which no server needs to send.
std::vector<std::size_t> needed(const Case& c) {
    std::vector<std::size_t> order;
    if (c.verdict.paths.empty()) return order;
    const auto& served = c.verdict.served;
    const auto& path = c.verdict.paths.front().certificates;
    for (const certs::PathCertificate& member : path) {
        const auto found = std::ranges::find_if(
            served, [&](const certs::Served& one) { return one.certificate == member.certificate; });
        const bool root = !order.empty() && &member == &path.back() && member.certificate.is_self_issued();
        if (found != served.end() && !root) order.push_back(static_cast<std::size_t>(found - served.begin()));
    }
    return order;
}

EvidenceRow listing(const Case& c, std::string label, const std::vector<std::size_t>& order) {
    EvidenceRow row{std::move(label), "", "", {}};
    for (const std::size_t one : order)
        if (row.values.size() < most_told) row.values.push_back(entry(c, one));
    if (order.size() > most_told) row.note = fmt::format("and {} more", order.size() - most_told);
    return row;
}

// Splits the PEM blocks, as certs::read_pem finds them, and prints those of the path in its order.
// Never writes into the file that it reads.
std::string sorting_command(const Case& c, const std::vector<std::size_t>& order) {
    std::string blocks;
    for (const std::size_t one : order) blocks += fmt::format(" b[{}]", place_of(c, one));
    const std::string file = c.context.file();
    return fmt::format(
        "awk '/^[ \\t]*-----BEGIN (X509 )?CERTIFICATE-----/ {{n++; p=1}} p {{b[n]=b[n] $0 \"\\n\"}} /^[ \\t]*-----END/ {{p=0}} END {{printf "
        "\"%s\",{}}}' <{} >{}",
        blocks, shell_word(file), file.ends_with("ordered.pem") ? "sorted.pem" : "ordered.pem");
}

}  // namespace

std::size_t place_of(const Case& c, std::size_t served) {
    const std::size_t own = c.leaf_position();
    if (served == 0) return own + 1;
    return served <= own ? served : served + 1;
}

void tell_order(const Case& c, Problem& problem) {
    std::vector<std::size_t> there;
    for (std::size_t i = 0; i < c.verdict.served.size(); ++i) there.push_back(i);
    std::ranges::sort(there, {}, [&](std::size_t served) { return place_of(c, served); });
    const std::vector<std::size_t> order = needed(c);
    problem.evidence.push_back(listing(c, c.offline() ? "order in the file" : "order sent", there));
    problem.evidence.push_back(listing(c, "order needed", order));
    if (c.offline() && !order.empty() && !c.context.attempt.verified_file->holds_der)
        problem.fixes.front() = {
            Actor::server,
            "Put them in order: the server's own first, then each issuer of the one before it, without the root.",
            sorting_command(c, order)};
}

}  // namespace inspect::diagnosis
