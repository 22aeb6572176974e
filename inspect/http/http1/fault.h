// Where a message could not be read, as a value: the line, the byte, the fields that disagree. Its texts are the peer's own and
// may hold secrets: what of them may be shown, and how, is known to diagnosis/shown_line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/message.h"

namespace inspect::http {

struct Fault {
    static constexpr std::size_t most_text = 512;

    std::size_t line = 0;              // in the head, its start line being 1; 0 when it is no single line's
    std::string text;                  // of that line, as far as it was read, at most most_text bytes
    bool colon_beyond = false;         // its first colon stands behind those
    std::optional<std::uint8_t> byte;  // that may not stand behind it; CR for a bare one
    std::string previous;              // the name of the field on the line before it; "" without
    std::vector<Field> lengths;        // what declares the body's length, when that is ambiguous

    // Of a section that is too large:
    struct Size {
        std::string name;  // "Cookie"; "" for a start line
        std::size_t fields = 0, bytes = 0;
        bool operator==(const Size&) const = default;
    };
    std::vector<Size> largest;  // by name, the largest three first
    std::size_t limit = 0;      // in bytes; 0 when it was not too large
    bool in_trailers = false;

    bool operator==(const Fault&) const = default;
};

// `line` is the part of the section's `text` that could not be read; `folds` lines before it have been made one with others.
Fault fault_in_line(std::string_view text, std::string_view line, std::size_t folds);

// The lines of a head that declare its body's length, each as it stands there.
std::vector<Field> lengths_in(std::string_view text);

// What fills a section that is too large.
std::vector<Fault::Size> largest_fields(std::string_view text);

}  // namespace inspect::http
