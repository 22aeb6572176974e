// peek_client_hello on arbitrary bytes: no crash, and a verdict that does not depend on how many
// bytes came after it was reached.
#include <cstdlib>

#include "tls/client_hello.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes bytes(data, size);
    const tls::PeekResult whole = tls::peek_client_hello(bytes);
    const tls::PeekResult most = tls::peek_client_hello(bytes.first(size / 2));
    if (most.state != tls::Peek::need_more && (most.state != whole.state || !(most.hello == whole.hello))) std::abort();
    return 0;
}
