// What is wrong with a command line, in words: which option or command does not exist, which may
// have been meant, what a value must be.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace proxy {

struct CommandLineError;

// CLI11 would take the next option for a value that was forgotten: `--log --json` would log to a
// file of that name. Throws CommandLineError when a word that names an option is in a value's
// place; --log=--json says that it is meant.
void refuse_option_as_value(const CLI::App& app, int argc, const char* const* argv);

// Explains the error with which `app` ended its parsing. `last` is the last word of the command
// line. Repeats no password of a URL.
CommandLineError explain_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::string& last);

}  // namespace proxy
