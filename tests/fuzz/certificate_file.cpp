// Files of issuers, as strangers publish them, on any bytes: DER, PEM or a certs-only message, and
// never too many certificates.
#include "certs/certificate_file.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (certs::read_certificates({data, size}).size() > 64) std::abort();
    return 0;
}
