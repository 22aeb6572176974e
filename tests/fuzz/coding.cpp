// Bodies in content codings, of any bytes: never more than the bound comes out, and what is shown of
// a body that is cut, or with a smaller bound, agrees with what is shown of the whole one.
#include "inspect/content/coding.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::content;
    if (size < 2) return 0;
    static constexpr std::string_view lists[] = {"gzip",     "deflate",       "br",        "zstd",
                                                 "gzip, br", "zstd, deflate", "gzip,gzip", "x, gzip"};
    const std::string_view codings = lists[data[0] % std::size(lists)];
    const certs::Bytes body = certs::Bytes(data, size).subspan(2);
    constexpr std::size_t most = 50'000;
    const Decoded whole = decode(codings, body, most);
    if (whole.text.size() > most || whole.offset > most + size) std::abort();
    if ((whole.end == End::complete) != whole.coding.empty()) std::abort();
    const Decoded bounded = decode(codings, body, 100);
    if (bounded.text.size() > 100) std::abort();
    // Raw deflate can begin as the zlib format does, and an inner coding has the bound as well.
    if (codings != "gzip" && codings != "br" && codings != "zstd") return 0;
    // Of a slice that is malformed a decoder may give less than of a part of it.
    const auto agree = [](std::string_view a, std::string_view b) { return a.starts_with(b) || b.starts_with(a); };
    if (!agree(whole.text, bounded.text)) std::abort();
    const Decoded cut = decode(codings, body.first(body.size() * data[1] / 256), most);
    if (!agree(whole.text, cut.text)) std::abort();
    if (whole.end != End::malformed && cut.text.size() > whole.text.size()) std::abort();
    return 0;
}
