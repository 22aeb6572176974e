// A probe's answer on arbitrary bytes: no crash, and what was reported for a part is not taken back
// by the whole.
#include <cstdlib>

#include "tls/probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes bytes(data, size);
    const tls::ProbeAnswer whole = tls::read_answer(bytes);
    const tls::ProbeAnswer part = tls::read_answer(bytes.first(size / 2));
    if (part.kind == tls::ProbeAnswer::Kind::not_tls && whole.kind != part.kind) std::abort();
    if (part.complete && !whole.complete) std::abort();
    if (whole.accepted_cas.size() > 20 || whole.first_bytes.size() > 512) std::abort();
    return 0;
}
