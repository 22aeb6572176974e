// Any file given to whytls verify is read or refused, and its server's certificate is one of those
// in it.
#include <cstdlib>

#include "certs/chain_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = certs::read_chain_file({reinterpret_cast<const char*>(data), size});
    if (!file) {
        if (file.error().reason.empty()) std::abort();
        return 0;
    }
    if (file->certificates.empty() || certs::leaf_position(file->certificates) >= file->certificates.size())
        std::abort();
    return 0;
}
