// OCSP responses on any bytes: the parser's error lies inside the input, its bounds hold. The last
// part of the input is the response; a chain before it, leaf first, its anchor last, is verified
// with the response as its staple.
#include "certs/ocsp.h"

#include "tests/fuzz/parts.h"
#include "tests/support/forge.h"

namespace {

void ask(const certs::OcspResponse& response, const certs::Certificate& certificate, const certs::Certificate& issuer) {
    for (const certs::SingleResponse& single : response.responses()) {
        if (is_about(single, certificate, issuer)) require(std::ranges::equal(single.serial, certificate.serial()));
    }
    require(certs::ocsp_request(certificate, issuer).size() < certificate.serial().size() + 128);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<certs::Bytes> parts = split({data, size});
    if (parts.empty()) return 0;
    const certs::Bytes last = parts.back();
    parts.pop_back();
    const auto response = certs::OcspResponse::parse(last, std::string(certs::stapled_response));
    if (!response) {
        require(response.error().offset <= last.size());
        return 0;
    }
    require(response->responses().size() <= 1024 && response->certificates().size() <= 16);
    const bool successful = response->status() == certs::OcspStatus::successful;
    require(successful == (response->responder_name().has_value() != response->responder_key_hash().has_value()));
    if (parts.empty()) return 0;
    const auto leaf = certs::Certificate::parse(parts.front()), issuer = certs::Certificate::parse(parts.back());
    if (leaf && issuer) ask(*response, *leaf, *issuer);
    const certs::Time at =
        response->responses().empty() ? tests::forge_time : response->responses().front().this_update;
    judge_revocation(parts, {.responses = {&*response, 1}, .stapling = certs::Stapling::present}, at);
    return 0;
}
