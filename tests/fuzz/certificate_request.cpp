// A server's CertificateRequest, of both versions.
#include "tls/certificate_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto request = tls::read_certificate_request({data + 1, size - 1}, data[0] != 0, {});
    if (request)
        for (const std::uint16_t scheme : request->signatures) (void)tls::signature_scheme_name(scheme);
    return 0;
}
