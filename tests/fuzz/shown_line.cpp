// What is shown of a line that could not be read: printable, bounded, and nothing of a cookie's
// value, whatever comes before its name.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "inspect/diagnosis/shown_line.h"

namespace {

void check(const inspect::http::Fault& fault, std::string_view secret) {
    constexpr std::size_t longest = 400;
    const std::string shown = inspect::diagnosis::shown_line(fault) + inspect::diagnosis::describe(fault);
    const auto printable = [](char c) { return c >= 0x20 && c != 0x7F; };  // beyond ASCII the ellipsis only
    if (shown.size() > longest ||
        !std::ranges::all_of(shown, [&](char c) { return printable(c) || static_cast<unsigned char>(c) > 0x7F; }))
        std::abort();
    if (!secret.empty() && shown.contains(secret)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view secret = "s3cr3tvalu3";
    if (size < 2) return 0;
    inspect::http::Fault fault;
    fault.line = data[0] % 4;
    fault.byte = data[0] % 8 < 4 ? std::optional(data[1]) : std::nullopt;
    fault.previous = data[0] % 16 < 8 ? "" : "Cookie";
    const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
    fault.text = text.substr(0, inspect::http::Fault::most_text);
    check(fault, "");
    if (text.contains(secret)) return 0;
    fault.text = (text.substr(0, 200) + "Cookie: a=").append(secret);
    check(fault, secret);
    return 0;
}
