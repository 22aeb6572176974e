// whytls-ocsp: what certs/ makes of OCSP, as files, so that it can be compared with other
// programs' tools.
//
//     whytls-ocsp request CHAIN.pem > request.der
//         about the first certificate, issued by the second
//     whytls-ocsp judge CHAIN.pem RESPONSE.der
//         verifies the chain, its last certificate trusted, with the response stapled; prints
//         "good", or the code and what is known of it: "revoked keyCompromise"
#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "certs/ocsp.h"
#include "certs/pem.h"
#include "certs/verify.h"

namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::invalid_argument("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<certs::ByteVector> chain(const std::string& path) {
    std::vector<certs::ByteVector> result;
    for (certs::PemBlock& block : certs::read_pem(contents(path)).value()) result.push_back(std::move(block.content));
    return result;
}

std::string judge(const std::vector<certs::ByteVector>& certificates, const std::string& response) {
    const auto parsed = certs::OcspResponse::parse(certs::as_bytes(response), std::string(certs::stapled_response));
    if (!parsed) return fmt::format("malformed {}: {}", parsed.error().field, parsed.error().reason);
    certs::TrustStore trust;
    trust.add(certs::Certificate::parse(certificates.back()).value());
    const std::vector<certs::Bytes> served(certificates.begin(), certificates.end());
    certs::VerifyInput input{served, trust, "", certs::Time{std::time(nullptr)}};
    const std::vector<certs::OcspResponse> responses{*parsed};
    input.revocation.responses = responses;
    const certs::Verdict verdict = certs::verify(input);
    for (const certs::Finding& problem : verdict.problems) {
        if (problem.severity != certs::Severity::error) continue;
        const auto* evidence = std::get_if<certs::RevocationEvidence>(&problem.evidence);
        return fmt::format("{} {}", certs::name(problem.code), evidence != nullptr ? evidence->reason : "");
    }
    return verdict.paths.front().good_answers.empty() ? "not asked" : "good";
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 2 && arguments[0] == "request") {
        const auto certificates = chain(arguments[1]);
        const auto request = certs::ocsp_request(certs::Certificate::parse(certificates.at(0)).value(),
                                                 certs::Certificate::parse(certificates.at(1)).value());
        fmt::print("{}", certs::as_text(request));
        return 0;
    }
    if (arguments.size() == 3 && arguments[0] == "judge") {
        fmt::print("{}\n", judge(chain(arguments[1]), contents(arguments[2])));
        return 0;
    }
    fmt::print(stderr, "usage: whytls-ocsp request CHAIN.pem | judge CHAIN.pem RESPONSE.der\n");
    return 2;
}

}  // namespace

int main(int argc, char* argv[]) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "whytls-ocsp: {}\n", error.what());
        return 2;
    }
}
