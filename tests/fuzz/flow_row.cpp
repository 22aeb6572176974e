// A recording may come from anyone: its rows may be any text, and neither the table nor a filter
// breaks on one, or sends a command to the terminal.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "inspect/report/flow_document.h"
#include "inspect/report/log_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect;
    const std::string_view row(reinterpret_cast<const char*>(data), size);
    if (const auto entry = report::parse_flow_row(row)) {
        const auto control = [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7f; };
        const std::string shown = report::log_table_row(*entry, report::Ink::plain);
        // Three lines: a row, a title, a fix.
        if (std::ranges::any_of(shown, control) || std::ranges::count(shown, '\n') > 3) std::abort();
        if (!report::row_matches(row, Filter())) std::abort();
    }
    static const Filter filter =
        *Filter::parse("status:>=500 or size:>1 or time:<1s or host:a or failed or warned or mime:x");
    (void)report::row_matches(row, filter);
    return 0;
}
