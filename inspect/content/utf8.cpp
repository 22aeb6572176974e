#include "inspect/content/utf8.h"

#include <algorithm>
#include <cstdint>

namespace inspect::content {

bool is_utf8(std::string_view text, bool cut) {
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text[0]);
        const std::size_t size = first < 0x80                    ? 1
                                 : first >= 0xc2 && first < 0xe0 ? 2
                                 : first >= 0xe0 && first < 0xf0 ? 3
                                 : first >= 0xf0 && first < 0xf5 ? 4
                                                                 : 0;
        if (size == 0) return false;
        for (std::size_t at = 1; at < std::min(size, text.size()); ++at) {
            const auto next = static_cast<unsigned char>(text[at]);
            // RFC 3629 §4: what may come second, after some.
            const unsigned low = at > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            const unsigned high = at > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            if (next < low || next > high) return false;
        }
        if (size > text.size()) return cut;
        text.remove_prefix(size);
    }
    return true;
}

bool is_readable(std::string_view text, bool cut) {
    const auto control = [](char c) {
        return (c >= 0 && c < 0x20 && !std::string_view("\t\n\f\r\x1b").contains(c)) || c == 0x7f;
    };
    return std::ranges::none_of(text, control) && is_utf8(text, cut);
}

}  // namespace inspect::content
