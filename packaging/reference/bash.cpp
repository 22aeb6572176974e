// The tables of bash's completion; functions.bash, which reads them, follows them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "packaging/reference/completions.h"

namespace packaging {

namespace {

// As arguments of _whytls_offer.
std::string offer(const Completed& values) {
    if (values.paths == Completed::Paths::files) return "files";
    if (values.paths == Completed::Paths::directories) return "directories";
    return values.words.empty() ? "" : fmt::format("words {}", fmt::join(values.words, " "));
}

// A function that sets `value` by what `asked` is; what is in no table has none.
std::string function(std::string_view name, std::string_view asked,
                     const std::vector<std::pair<std::string, std::string>>& table) {
    std::map<std::string, std::vector<std::string>> by_value;
    for (const auto& [key, value] : table)
        if (!value.empty()) by_value[value].push_back(quoted(key, "'\\''"));
    std::string result = fmt::format("\n{}() {{\n    case \"{}\" in\n", name, asked);
    for (const auto& [value, keys] : by_value)
        result += fmt::format("        {}) value=({}) ;;\n", fmt::join(keys, " | "), value);
    return result + "        *) value=() ;;\n    esac\n}\n";
}

}  // namespace

std::string bash_completion(const proxy::CommandReference& program, std::string_view functions) {
    std::vector<std::pair<std::string, std::string>> arguments, options, values;
    std::vector<std::string> commands;
    for (const proxy::CommandReference* command : all_commands(program)) {
        Completed argument = command->arguments.empty() ? Completed() : completed(command->arguments.front());
        for (const proxy::CommandReference& each : command->commands) {
            argument.words.push_back(each.name);
            commands.push_back(quoted(each.path, "'\\''"));
        }
        arguments.emplace_back(command->path, offer(argument));
        std::string names;
        for (const proxy::OptionReference& option : all_options(*command))
            for (const std::string& name : spellings(option)) {
                names += (names.empty() ? "" : " ") + name;
                // Of `--insecure[=PATTERN]` the next word is no value.
                const char* kind = option.needs_value ? "needed" : option.takes.starts_with("[=") ? "none" : "optional";
                if (!option.takes.empty())
                    values.emplace_back(command->path + " " + name,
                                        fmt::format("{} {}", kind, offer(completed(option))));
            }
        options.emplace_back(command->path, names);
    }
    return "# Completion of whytls in bash, made from its option tables.\n" +
           fmt::format(
               "\n_whytls_is_command() {{\n    case \"$1\" in\n        {}) return 0 ;;\n    esac\n    return 1\n}}\n",
               fmt::join(commands, " | ")) +
           function("_whytls_options", "$1", options) + function("_whytls_arguments", "$1", arguments) +
           function("_whytls_value", "$1 $2", values) + std::string(functions);
}

}  // namespace packaging
