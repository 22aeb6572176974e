#include "packaging/reference/completions.h"

#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"

namespace packaging {

Completed completed(const proxy::OptionReference& option) {
    using Paths = Completed::Paths;
    return {.words = fixed_values(option),
            .paths = option.takes.ends_with("FILE")  ? Paths::files
                     : option.takes.ends_with("DIR") ? Paths::directories
                                                     : Paths::none};
}

Completed completed(const proxy::ArgumentReference& argument) {
    Completed result;
    if (argument.name == "FILE" || argument.name == "CHAIN") result.paths = Completed::Paths::files;
    if (argument.name == "CODE")
        for (const auto& entry : inspect::diagnosis::catalog()) result.words.emplace_back(name(entry.code));
    return result;
}

std::vector<const proxy::CommandReference*> all_commands(const proxy::CommandReference& program) {
    std::vector<const proxy::CommandReference*> result{&program};
    for (const proxy::CommandReference& each : program.commands)
        for (const proxy::CommandReference* below : all_commands(each)) result.push_back(below);
    return result;
}

std::vector<proxy::OptionReference> all_options(const proxy::CommandReference& command) {
    std::vector<proxy::OptionReference> result;
    for (const auto& [title, options] : command.groups) result.insert(result.end(), options.begin(), options.end());
    return result;
}

std::vector<std::string> spellings(const proxy::OptionReference& option) {
    std::vector<std::string> result{"--" + option.name};
    if (!option.letter.empty()) result.push_back("-" + option.letter);
    return result;
}

std::string quoted(std::string_view text, std::string_view quote, std::string_view backslash) {
    std::string result = "'";
    for (const char character : text) {
        if (character == '\'')
            result += quote;
        else if (character == '\\')
            result += backslash;
        else
            result += character;
    }
    return result + "'";
}

}  // namespace packaging
