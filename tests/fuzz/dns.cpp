// A resolver's question on arbitrary bytes: it lies inside them, its name is a host's, and it can
// be answered.
#include <array>
#include <cstdlib>

#include "inspect/before_tls/dns.h"

using namespace inspect::dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes query(data, size);
    const auto question = parse_question(query);
    if (!question) return 0;
    if (question->end > size || question->name.empty() || question->name.size() > 253) std::abort();
    constexpr std::array<std::uint8_t, 4> address{198, 18, 0, 2};
    if (response(query, *question, address).size() != question->end + 16) std::abort();
    if (response(query, *question, {}, Outcome::failed).size() != question->end) std::abort();
    return 0;
}
