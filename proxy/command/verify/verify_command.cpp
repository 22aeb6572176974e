#include "proxy/command/verify/verify_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "certs/breaks.h"
#include "certs/chain_file.h"
#include "certs/der_kind.h"
#include "certs/file.h"
#include "certs/pem.h"
#include "certs/verify.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"
#include "proxy/command/terminal.h"
#include "proxy/io/clock.h"
#include "proxy/log/log_writer.h"
#include "proxy/settings/settings.h"
#include "proxy/settings/trust.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

[[noreturn]] void refuse(const std::string& file, std::size_t line, std::string_view reason) {
    throw UsageError(fmt::format("{}{}: {}", file == "-" ? "standard input" : file,
                                 line > 0 ? fmt::format(", line {}", line) : "", reason));
}

std::string contents(const std::string& file) {
    auto text = file == "-" ? certs::read_descriptor(STDIN_FILENO) : certs::read_file(file);
    if (!text) refuse(file, 0, certs::reading_problem(text.error()));
    return *std::move(text);
}

certs::ChainFile read_chain(const std::string& name) {
    auto file = certs::read_chain_file(contents(name));
    if (!file) refuse(name, file.error().line, file.error().reason);
    if (file->private_keys > 0)
        say(fmt::format("whytls: {} holds a private key too, which is not looked at",
                        name == "-" ? "the standard input" : name));
    return *std::move(file);
}

std::vector<certs::PathCertificate> read_untrusted(const std::vector<std::string>& names) {
    std::vector<certs::PathCertificate> certificates;
    for (const std::string& name : names) {
        for (const certs::ByteVector& der : read_chain(name).certificates) {
            auto certificate = certs::Certificate::parse(der);
            if (!certificate)
                refuse(name, 0,
                       fmt::format("holds a certificate that cannot be parsed: {} at byte {}: {}",
                                   certificate.error().field, certificate.error().offset, certificate.error().reason));
            certificates.push_back({*std::move(certificate), certs::Provenance::untrusted_file});
        }
    }
    return certificates;
}

// Lists or responses: the PEM blocks with that label, or the whole file as DER.
template <typename Answer>
std::vector<Answer> read_answers(const std::vector<std::string>& names, std::string_view label, std::string_view noun) {
    std::vector<Answer> answers;
    for (const std::string& name : names) {
        const std::string text = contents(name);
        const auto add = [&](certs::Bytes der, std::size_t line) {
            auto answer = Answer::parse(der, name);
            const std::string_view kind = answer                           ? ""
                                          : certs::Certificate::parse(der) ? "a certificate"
                                                                           : certs::der_kind(der).noun;
            if (!kind.empty())
                refuse(name, line, fmt::format("holds {}, not {} {}", kind, noun.starts_with('O') ? "an" : "a", noun));
            if (!answer)
                refuse(name, line,
                       fmt::format("holds no {} that can be read: {} at byte {}: {}", noun, answer.error().field,
                                   answer.error().offset, answer.error().reason));
            answers.push_back(*std::move(answer));
        };
        if (!text.contains("-----BEGIN ")) {
            add(certs::as_bytes(text), 0);
            continue;
        }
        const auto blocks = certs::read_pem(text);
        if (!blocks) refuse(name, blocks.error().line, blocks.error().reason);
        const std::size_t before = answers.size();
        for (const certs::PemBlock& block : *blocks) {
            if (block.label == label) add(block.content, block.line);
        }
        if (answers.size() == before) refuse(name, 0, fmt::format("holds no {}", noun));
    }
    return answers;
}

// What every chain is verified with.
struct Givens {
    const VerifyCommand& command;
    certs::TrustStore trust;
    std::vector<certs::PathCertificate> untrusted;
    std::vector<certs::Crl> lists;
    std::vector<certs::OcspResponse> responses;
    certs::Time at;
};

// Comes after the other errors, for it is the file's and not a certificate's, and replaces the
// finding about the order of the others.
void tell_leaf_not_first(std::vector<certs::Finding>& problems) {
    std::erase_if(problems, [](const certs::Finding& problem) { return problem.code == certs::Code::chain_order; });
    const auto warnings =
        std::ranges::find_if(problems, [](const auto& problem) { return problem.severity != certs::Severity::error; });
    problems.insert(warnings, {certs::Code::chain_order, certs::Severity::error, std::nullopt, certs::NoEvidence{},
                               "RFC 8446 §4.4.2"});
}

// A given answer that is about none of the chain's certificates would otherwise look as if it had
// been used.
void tell_unused_answers(const Givens& givens, const certs::Verdict& verdict) {
    if (verdict.paths.empty()) return;
    const auto& path = verdict.paths.front().certificates;
    const auto is_about_path = [&](const certs::SingleResponse& single) {
        for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
            if (certs::is_about(single, path[depth].certificate, path[depth + 1].certificate)) return true;
        }
        return false;
    };
    for (const certs::OcspResponse& response : givens.responses) {
        if (std::ranges::none_of(response.responses(), is_about_path))
            say(fmt::format("whytls: {} says nothing about a certificate of this chain", response.source()));
    }
    const auto issues = [](const certs::Crl& list) {
        return [&list](const certs::PathCertificate& member) { return member.certificate.issuer() == list.issuer(); };
    };
    for (const certs::Crl& list : givens.lists) {
        if (std::ranges::none_of(path, issues(list)))
            say(fmt::format("whytls: {} is the list of another issuer than the chain's", list.source()));
    }
}

diagnosis::Diagnosis examine(const std::string& name, const certs::ChainFile& file, const Givens& givens) {
    diagnosis::Attempt attempt;
    attempt.host = givens.command.host;
    attempt.time = givens.at;
    attempt.time_given = givens.command.judging.at.has_value();
    attempt.trust_source = givens.trust.source();
    attempt.given = givens.command.given;
    diagnosis::VerifiedFile& verified = attempt.verified_file.emplace();
    verified.name = name;
    verified.leaf_position = certs::leaf_position(file.certificates);
    verified.holds_der = file.holds_der;

    std::vector<certs::Bytes> chain = file.views();
    const auto leaf = chain.begin() + static_cast<std::ptrdiff_t>(verified.leaf_position);
    std::rotate(chain.begin(), leaf, leaf + 1);
    const certs::VerifyInput input{.served = chain,
                                   .trust = givens.trust,
                                   .host = givens.command.host,
                                   .at = givens.at,
                                   .extra = givens.untrusted,
                                   .profile = givens.command.judging.profile,
                                   .revocation = {.lists = givens.lists, .responses = givens.responses}};
    attempt.verdict = certs::verify(input);
    attempt.root_of_system = attempt.verdict->accepted() &&
                             givens.trust.is_of_system(attempt.verdict->paths.front().certificates.back().certificate);
    if (verified.leaf_position > 0) tell_leaf_not_first(attempt.verdict->problems);
    tell_unused_answers(givens, *attempt.verdict);
    verified.until_breaks = givens.command.until_breaks;
    if (verified.until_breaks) verified.breaks = certs::first_break(input);
    return diagnosis::explain(attempt);
}

}  // namespace

int run_verify_command(const VerifyCommand& command) {
    std::vector<certs::ChainFile> files;
    for (const std::string& name : command.chains) files.push_back(read_chain(name));
    const Givens givens{command,
                        load_trust(command.judging.trust, command.judging.add_trust),
                        read_untrusted(command.untrusted),
                        read_answers<certs::Crl>(command.crl, "X509 CRL", "revocation list"),
                        read_answers<certs::OcspResponse>(command.ocsp, "OCSP RESPONSE", "OCSP response"),
                        command.judging.at.value_or(io::now())};
    const report::Paper paper = paper_of_stdout();
    bool failed = false;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const diagnosis::Diagnosis result = examine(command.chains[i], files[i], givens);
        failed = failed || result.outcome == diagnosis::Outcome::failed;
        const std::string_view gap = i > 0 && !command.json ? "\n" : "";
        const std::string text =
            command.json ? report::json(result) + "\n" : report::text(result, report::Detail::full, paper);
        fmt::print("{}{}", gap, text);
    }
    return failed ? 1 : 0;
}

}  // namespace proxy
