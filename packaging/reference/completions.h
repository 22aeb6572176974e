// Completions of the shells: commands, options, fixed values, files, and the codes of `explain`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/command/reference/reference.h"

namespace packaging {

// `functions` is functions.bash, or functions.fish: what the tables are for.
std::string bash_completion(const proxy::CommandReference& program, std::string_view functions);
std::string zsh_completion(const proxy::CommandReference& program);
std::string fish_completion(const proxy::CommandReference& program, std::string_view functions);

// What all three are made from:

// What may be completed as a value.
struct Completed {
    enum class Paths { none, files, directories };
    std::vector<std::string> words = {};
    Paths paths = Paths::none;
};
Completed completed(const proxy::OptionReference& option);
Completed completed(const proxy::ArgumentReference& argument);

// `program`, its commands and theirs, each before those below it.
std::vector<const proxy::CommandReference*> all_commands(const proxy::CommandReference& program);
std::vector<proxy::OptionReference> all_options(const proxy::CommandReference& command);
// "--listen", and "-l" where there is one.
std::vector<std::string> spellings(const proxy::OptionReference& option);

// In single quotes. A quote inside them is written as `quote`, a backslash as `backslash`.
std::string quoted(std::string_view text, std::string_view quote, std::string_view backslash = "\\");

}  // namespace packaging
