#include "tests/support/plain_text.h"

#include <algorithm>

#include "inspect/report/print/escape.h"

namespace tests {

bool is_plain_text(std::string_view text) {
    const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F; };
    if (std::ranges::any_of(text, is_control)) return false;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (inspect::report::printable(line, line.size()) != line) return false;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
}

}  // namespace tests
