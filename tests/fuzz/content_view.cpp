// Any body under any header fields: its view is one valid JSON text, and no longer than the bounds allow.
#include "inspect/report/content_view.h"

#include <cstdlib>

#include "tests/support/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto line = [&] {
        const std::string_view text = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(text.size() + 1, input.size()));
        return text;
    };
    const std::string_view type = line(), coding = line(), grpc_encoding = line();
    const std::string view =
        inspect::report::view_json(type, coding, grpc_encoding, certs::as_bytes(input), size % 2 == 0);
    if (!tests::is_json(view)) std::abort();
    // A control character of text is six characters of JSON, and a form's text is there twice.
    constexpr std::size_t most = 13 * inspect::report::most_shown_text + 2 * inspect::report::most_shown_hex;
    if (view.size() > most + 20 * size) std::abort();
    return 0;
}
