// What `--help` prints: usage, options in groups, examples, wrapped at a width. Knows CLI11's
// options, not what they do.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace proxy {

// The help of `command`, which the user calls `path` ("whytls ca show"). Lines of a footer that
// begin with a blank are commands; these are not wrapped.
std::string help_text(const CLI::App& command, const std::string& path, std::size_t width);

// Its parts, for who writes them in another form:

// "whytls check [options] HOST ..."
std::string usage(const CLI::App& command, const std::string& path);

struct OptionGroup {
    std::string title;
    std::vector<const CLI::Option*> options;
};
// All options that are listed, in the order of the help; no group is empty.
std::vector<OptionGroup> grouped_options(const CLI::App& command);

}  // namespace proxy
