// Where a message could not be read, as a value: the line, the byte, the fields that disagree. Its
// texts come from the peer and may hold secrets: diagnosis/shown_line knows what of them may be
// shown, and how.
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

    std::size_t line = 0;              // in the head, where the start line is 1; 0 when no single line is at fault
    std::string text;                  // of that line, as far as it was read, at most most_text bytes
    bool colon_beyond = false;         // the line's first colon lies after those bytes
    std::optional<std::uint8_t> byte;  // that is not allowed after them; CR for a bare one
    std::string previous;              // the name of the field on the line before; "" when there is none
    std::vector<Field> lengths;        // what declares the body's length, when the length is ambiguous

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

// `line` is the part of the section's `text` that could not be read; `folds` lines before it were
// joined with others.
Fault fault_in_line(std::string_view text, std::string_view line, std::size_t folds);

// The lines of a head that declare its body's length, each as it was sent.
std::vector<Field> lengths_in(std::string_view text);

// What fills a section that is too large.
std::vector<Fault::Size> largest_fields(std::string_view text);

}  // namespace inspect::http
