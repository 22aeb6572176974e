// The small pieces of sentences: a quoted name, a list, a span of time, a word for a shell. Knows
// no code and no certificate. Everything is bounded here, because names come from certificates and
// may be 64 kB long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inspect::diagnosis {

// A headline's limit, in characters.
constexpr std::size_t title_limit = 120;

// At most that many characters (UTF-8 code points; a stray byte counts as one); "…" marks the cut,
// which is never inside one.
std::string shorten(std::string_view text, std::size_t characters);

// A title as it begins a page: with a capital, unless it begins with a name.
std::string headline(std::string_view title);

// "\"text\"", shortened.
std::string quoted(std::string_view text, std::size_t characters = 40);

// "a, b and c"; beyond `most` items "a, b and 7 more". `total` counts items that are not in the
// list as well.
std::string listed(const std::vector<std::string>& items, std::size_t most, std::size_t total = 0);

// "1 certificate", "3 certificates".
std::string counted(std::size_t number, std::string_view noun);

// "3 days", "1 hour", "40 seconds"; the sign is dropped.
std::string span_of_time(std::int64_t seconds);

// "11.7 ms", "3000 ms"
std::string milliseconds_text(double milliseconds);

// "10 s", "0.5 s"
std::string seconds_text(double seconds);

// "api.example.com:443", "[2001:db8::1]:443".
std::string endpoint(std::string_view host, std::uint16_t port);

// The URL of a host: without the scheme's own port.
std::string url_of(std::string_view host, std::uint16_t port, bool tls = true);

// One word for a POSIX shell: as it is when harmless, else in single quotes. Control characters
// become '?'.
std::string shell_word(std::string_view text);

// What a person calls the holder of an RFC 4514 name: its last CN, else O, else OU, else all of it;
// "" for an empty name.
std::string short_name(std::string_view distinguished_name);

// A file as sentences name it: "-" is the standard input.
std::string file_name(std::string_view path);

bool is_address(std::string_view host);

// Whether `text` contains `part`, ignoring ASCII letter case.
bool mentions(std::string_view text, std::string_view part);

// `text` with each occurrence of `from` replaced.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

}  // namespace inspect::diagnosis
