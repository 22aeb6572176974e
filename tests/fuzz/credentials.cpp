// Certificates and keys as files, encrypted ones too.
#include "certs/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto found = certs::read_credentials(certs::as_text({data, size}), "password");
    if (found && found->key && !found->certificates.empty())
        (void)certs::belongs_to(*found->key, found->certificates.front());
    return 0;
}
