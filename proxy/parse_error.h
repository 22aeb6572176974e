// What is wrong with a command line, in words: which option or command does not exist, which one may have been meant, what a value is.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace proxy {

struct CommandLineError;

// Of the error with which `app` ended its parsing. `last` is the last word of the command line. Repeats no password of a URL.
CommandLineError explain_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::string& last);

}  // namespace proxy
