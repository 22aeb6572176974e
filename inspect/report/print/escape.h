// Untrusted text made safe for one output each. All of them bound the length (an ellipsis marks the
// cut), replace invalid UTF-8 by U+FFFD, and neutralise control and bidirectional formatting
// characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inspect::report {

// Bytes of one value in a report that a person reads: some lines, whatever a certificate holds.
constexpr std::size_t value_limit = 600;

// Visible text on one line: valid UTF-8; C0 and C1 controls, bidirectional and other invisible
// formatting characters and line separators become U+FFFD; at most `limit` bytes, including the
// ellipsis. The base of the others.
std::string printable(std::string_view text, std::size_t limit = 1024);

// For element content and quoted attributes. The limit is that of the visible text, before
// & < > " ' become entities.
std::string for_html(std::string_view text, std::size_t limit = 1024);

// For a terminal: contains nothing that a terminal could take for a command.
std::string for_terminal(std::string_view text, std::size_t limit = 1024);

// The same JSON value, with \u escapes in place of what a terminal could take for a command (RFC
// 8259 §7 allows DEL and everything after ASCII unescaped). Not bounded.
std::string with_escapes(std::string_view json);

// Printable ASCII only (RFC 9110 §5.5), without '"' and '\', so that it can be put in a quoted
// string; the rest becomes '?'.
std::string for_header(std::string_view text, std::size_t limit = 256);

// With ASCII capitals in lower case.
std::string lower_case(std::string_view text);

// The number of columns of printable text: its code points, each counted as one.
std::size_t columns(std::string_view text);

}  // namespace inspect::report
