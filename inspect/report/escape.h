// Untrusted text made safe for one output each. All of them bound the length (an ellipsis marks the cut), replace invalid
// UTF-8 by U+FFFD, and neutralise control and bidirectional formatting characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inspect::report {

// Visible text: valid UTF-8, control and bidi characters replaced, at most `limit` bytes. The base of the others.
std::string printable(std::string_view text, std::size_t limit = 1024);
std::string for_html(std::string_view text, std::size_t limit = 1024);      // element content and quoted attributes
std::string for_terminal(std::string_view text, std::size_t limit = 1024);
std::string for_header(std::string_view text, std::size_t limit = 256);     // printable ASCII only, RFC 9110 §5.5

}  // namespace inspect::report
