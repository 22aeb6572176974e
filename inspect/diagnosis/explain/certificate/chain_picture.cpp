#include "inspect/diagnosis/explain/certificate/chain_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

constexpr std::size_t most_certificates = 8;  // real chains have up to five
constexpr std::size_t name_length = 30;       // what fits into a box

// Steps that compare a certificate with the next one; the others are about the certificate itself.
constexpr auto link_steps = std::to_array<std::string_view>({"path", "trust", "signature", "issuer", "hostname"});
bool is_of_link(std::string_view step) { return std::ranges::find(link_steps, step) != link_steps.end(); }

certs::Status answer(const Diagnosis& diagnosis, std::string_view step, std::size_t depth) {
    const auto found = std::ranges::find(diagnosis.steps, step, &StepSummary::step);
    if (found == diagnosis.steps.end()) return certs::Status::skip;
    const auto each = std::ranges::find(found->certificates, depth, &StepCertificate::depth);
    return each == found->certificates.end() ? certs::Status::skip : each->status;
}

bool fails(const Diagnosis& diagnosis, std::string_view step, std::size_t depth) {
    return answer(diagnosis, step, depth) == certs::Status::fail;
}

// By the steps of this certificate, and by the problems that no step contains.
std::vector<std::string> failures_of(const Diagnosis& diagnosis, std::size_t depth) {
    std::vector<std::string> steps;
    const auto add = [&](std::string_view step) {
        if (!step.empty() && !is_of_link(step) && std::ranges::find(steps, step) == steps.end())
            steps.emplace_back(step);
    };
    for (const StepSummary& step : diagnosis.steps)
        if (fails(diagnosis, step.step, depth)) add(step.step);
    for (const Problem& problem : diagnosis.problems)
        if (problem.severity == certs::Severity::error && problem.depth == depth) add(problem.step);
    return steps;
}

bool has_error(const Diagnosis& diagnosis, Code code) {
    return std::ranges::any_of(diagnosis.problems, [&](const Problem& each) {
        return each.code == code && each.severity == certs::Severity::error;
    });
}

std::string_view from(const Diagnosis& diagnosis, certs::Provenance provenance) {
    switch (provenance) {
        case certs::Provenance::served: return diagnosis.verified_file ? "in the file" : "sent by the server";
        case certs::Provenance::aia: return "not sent; fetched (AIA)";
        case certs::Provenance::trust_store: return "in the trust store";
        case certs::Provenance::seen_before: return "not sent; seen before";
        case certs::Provenance::untrusted_file: return "not in the file; from --untrusted";
    }
    return "";
}

bool is_absent(certs::Provenance provenance) {
    return provenance != certs::Provenance::served && provenance != certs::Provenance::trust_store;
}

std::string bounded_name(std::string_view text) { return text.empty() ? "(no name)" : shorten(text, name_length); }

PictureNode certificate_node(const Diagnosis& diagnosis, std::size_t depth) {
    const ChainCertificate& each = diagnosis.chain[depth];
    PictureNode node{is_absent(each.provenance) ? PictureNode::Kind::absent : PictureNode::Kind::certificate,
                     bounded_name(short_name(each.description.subject)),
                     fmt::format("{}, {}", depth == 0 ? "server certificate" : role(diagnosis, depth),
                                 from(diagnosis, each.provenance)),
                     Mark::good, ""};
    const auto failures = failures_of(diagnosis, depth);
    if (!failures.empty()) {
        node.mark = Mark::bad;
        node.fails = "fails " + listed(failures, 3);
    } else if (is_absent(each.provenance)) {
        node.mark = Mark::open;
    }
    return node;
}

PictureLink host_link(const Diagnosis& diagnosis) {
    const bool no_names = has_error(diagnosis, Code::no_subject_alt_name);
    if (no_names || has_error(diagnosis, Code::hostname_mismatch) || fails(diagnosis, "hostname", 0))
        return {"is not covered by", Mark::bad};
    return answer(diagnosis, "hostname", 0) == certs::Status::pass ? PictureLink{"is covered by", Mark::good}
                                                                   : PictureLink{"asked of", Mark::open};
}

PictureLink issuer_link(const Diagnosis& diagnosis, std::size_t depth) {
    if (fails(diagnosis, "signature", depth)) return {"is not signed by the key of", Mark::bad};
    if (fails(diagnosis, "issuer", depth)) return {"names another issuer than", Mark::bad};
    if (!is_absent(diagnosis.chain[depth].provenance) && is_absent(diagnosis.chain[depth + 1].provenance))
        return {diagnosis.verified_file ? "is signed by, and the file lacks" : "is signed by, and the server left out",
                Mark::bad};
    return answer(diagnosis, "signature", depth) == certs::Status::pass
               ? PictureLink{"is signed by", Mark::good}
               : PictureLink{"names as its issuer", Mark::open};
}

// What follows the last certificate, when that is not an anchor.
void add_open_end(const Diagnosis& diagnosis, ChainPicture& picture) {
    const certs::Description& last = diagnosis.chain.back().description;
    if (last.subject == last.issuer) {
        picture.links.push_back(
            {diagnosis.chain.size() == 1 ? "signed itself, and is not in" : "is not in", Mark::bad});
        picture.nodes.push_back({PictureNode::Kind::unknown, "the trust store",
                                 diagnosis.anchors == 0 ? "" : counted(diagnosis.anchors, "anchor"), Mark::open, ""});
    } else {
        picture.links.push_back({"names as its issuer", Mark::bad});
        picture.nodes.push_back(
            {PictureNode::Kind::unknown, bounded_name(short_name(last.issuer)),
             diagnosis.verified_file ? "neither in the file nor trusted" : "neither sent nor trusted", Mark::bad, ""});
    }
}

std::string sentence_part(const PictureNode& node) {
    return fmt::format("{}{}{}", node.name, node.about.empty() ? "" : " (" + node.about + ")",
                       node.fails.empty() ? "" : ", which " + node.fails);
}

}  // namespace

ChainPicture picture_of(const Diagnosis& diagnosis) {
    ChainPicture picture;
    if (diagnosis.chain.empty()) return picture;
    if (!diagnosis.host.empty()) {
        picture.nodes.push_back({PictureNode::Kind::host, bounded_name(diagnosis.host), "asked for", Mark::open, ""});
        picture.links.push_back(host_link(diagnosis));
    }
    const std::size_t shown = std::min(diagnosis.chain.size(), most_certificates);
    for (std::size_t depth = 0; depth < shown; ++depth) {
        picture.nodes.push_back(certificate_node(diagnosis, depth));
        if (depth + 1 < shown) picture.links.push_back(issuer_link(diagnosis, depth));
    }
    // Without a path there is no end to show: the certificates are as they were sent.
    const bool has_path =
        std::ranges::any_of(diagnosis.steps, [](const StepSummary& step) { return !step.certificates.empty(); });
    if (has_path && shown == diagnosis.chain.size() &&
        diagnosis.chain.back().provenance != certs::Provenance::trust_store)
        add_open_end(diagnosis, picture);
    return picture;
}

std::string described(const ChainPicture& picture) {
    std::string text;
    for (std::size_t i = 0; i < picture.links.size(); ++i)
        text +=
            fmt::format("{}{} {} {}{}.", i == 0 ? "" : " ",
                        i == 0 ? sentence_part(picture.nodes[i]) : picture.nodes[i].name, picture.links[i].words,
                        sentence_part(picture.nodes[i + 1]), picture.links[i].mark == Mark::bad ? ": broken here" : "");
    return text.empty() && !picture.nodes.empty() ? sentence_part(picture.nodes.front()) + "." : text;
}

}  // namespace inspect::diagnosis
