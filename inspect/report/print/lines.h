// Text in lines of a page's width. Knows nothing of its meaning; the text must already be safe for
// a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inspect::report {

constexpr std::size_t page_width = 100;  // columns of a response and of a file, contract §3

// Wrapped at spaces to at most `width` columns: the first line begins with `first`, the others with
// `indent` spaces. Ends with a line end.
std::string filled(std::string_view first, std::string_view text, std::size_t indent, std::size_t width = page_width);

// A command broken so that it can still be pasted: at spaces outside quotes, else wherever the
// width demands it. There the quote is closed before the break and opened again after it.
std::string broken_command(std::string_view command, std::size_t indent, std::size_t width = page_width);

}  // namespace inspect::report
