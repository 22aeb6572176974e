// The three messages of a SOCKS client on arbitrary bytes: what is read lies inside them, and a
// request names a host.
#include <cstdlib>

#include "inspect/before_tls/socks.h"

using namespace inspect::http::socks;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes input(data, size);
    if (const auto greeting = parse_greeting(input); greeting && greeting->used > size) std::abort();
    if (const auto credentials = parse_credentials(input); credentials && credentials->used > size) std::abort();
    if (const auto request = parse_request(input)) {
        if (request->used > size) std::abort();
        if (request->refused == Reply::succeeded && (request->target.host.empty() || request->target.port == 0))
            std::abort();
    }
    return 0;
}
