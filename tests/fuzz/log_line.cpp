// A file that `whytls log` reads may contain any bytes: no row of the table sends a command to the
// terminal.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "inspect/report/log_entry.h"
#include "inspect/report/print/redaction.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    if (const auto entry = inspect::report::parse_log_line(line)) {
        const auto row = inspect::report::log_table_row(*entry, inspect::report::Ink::plain);
        const auto control = [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7f; };
        // Three lines: a row, a title, a fix.
        if (std::ranges::any_of(row, control) || std::ranges::count(row, '\n') > 3) std::abort();
    }
    const std::string masked = inspect::report::redacted(line, {"token"});
    if (masked != inspect::report::redacted(masked, {"token"})) std::abort();
    return 0;
}
