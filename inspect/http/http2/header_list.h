// The lines of a field section as HTTP/2 carries them (RFC 9113 §8.2): pseudo-header fields and
// fields in their order, in two pieces of memory however many lines there are. Judges nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inspect::http2 {

class HeaderList {
public:
    // Views into the list: valid until it is changed.
    struct Line {
        std::string_view name, value;
        bool operator==(const Line&) const = default;
    };
    // RFC 9113 §6.5.2: what SETTINGS_MAX_HEADER_LIST_SIZE adds for each line.
    static constexpr std::size_t overhead = 32;

    // Both as they are; they are copied.
    void add(std::string_view name, std::string_view value);
    // The name in lower case (RFC 9113 §8.2.1).
    void add_lowered(std::string_view name, std::string_view value);
    // Forgets all lines, keeps their memory.
    void clear();

    std::size_t size() const { return places_.size(); }
    bool empty() const { return places_.empty(); }
    Line operator[](std::size_t index) const;
    // In octets as SETTINGS_MAX_HEADER_LIST_SIZE counts them (RFC 9113 §6.5.2).
    std::size_t list_size() const { return text_.size() + places_.size() * overhead; }

private:
    struct Place {
        std::size_t begin, name_size, value_size;
    };
    std::string text_;
    std::vector<Place> places_;
};

}  // namespace inspect::http2
