// What `--help` prints: usage, options in groups, examples, wrapped at a width. Knows CLI11's
// options, not what they do.
#pragma once

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace proxy {

// The help of `command`, which the user calls `path` ("whytls ca show"). Lines of a footer that
// begin with a blank are commands; these are not wrapped.
std::string help_text(const CLI::App& command, const std::string& path, std::size_t width);

}  // namespace proxy
