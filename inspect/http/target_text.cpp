#include "inspect/http/target_text.h"

#include <cstddef>
#include <cstdint>

namespace inspect::http {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) { return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0; }

// Bytes of the non-ASCII character at the front; 0 when there is none, or only a C1 control.
std::size_t wide_character(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0), second = byte_at(text, 1);
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const std::uint8_t least = lead == 0xe0 || lead == 0xc2 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return 0;
    for (std::size_t at = 2; at < size; ++at)
        if ((byte_at(text, at) & 0xc0) != 0x80) return 0;
    return size;
}

}  // namespace

bool is_target_text(std::string_view text) {
    while (!text.empty()) {
        const char c = text.front();
        const bool visible = c > 0x20 && c < 0x7f && c != '#';
        const std::size_t size = visible ? 1 : wide_character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace inspect::http
