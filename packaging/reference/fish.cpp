// fish's completion (complete(1)): a line for each option; functions.fish finds out which command a
// line asks for.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "packaging/reference/completions.h"

namespace packaging {

namespace {

using proxy::CommandReference;

std::string in_quotes(std::string_view text) { return quoted(text, "\\'", "\\\\"); }

std::string offer(const Completed& values) {
    if (values.paths == Completed::Paths::files) return " -F";
    if (values.paths == Completed::Paths::directories) return " -a '(__fish_complete_directories)'";
    return values.words.empty() ? "" : fmt::format(" -a '{}'", fmt::join(values.words, " "));
}

std::string line(const CommandReference& command, std::string_view what, std::string_view text) {
    return fmt::format("complete -c whytls -n '__whytls_at {}'{}{}\n", command.path, what,
                       text.empty() ? "" : " -d " + in_quotes(text));
}

std::string option_line(const CommandReference& command, const proxy::OptionReference& option) {
    std::string what = option.letter.empty() ? "" : " -s " + option.letter;
    what += " -l " + option.name;
    const Completed values = completed(option);
    if (option.needs_value)
        what += (values.paths == Completed::Paths::files ? " -r" : " -x") + offer(values);
    else if (!values.words.empty())
        what += " -f" + offer(values);
    return line(command, what, option.text);
}

// The values that may follow an option as the next word, or be left out. fish knows only those
// after a "=".
std::vector<std::string> values_that_may_follow(const proxy::OptionReference& option) {
    return option.needs_value || option.takes.starts_with("[=") ? std::vector<std::string>() : fixed_values(option);
}

std::string predicate(std::string_view name, const std::vector<std::string>& words) {
    return fmt::format("\nfunction {}\n    contains -- \"$argv\" {}\nend\n", name, fmt::join(words, " "));
}

}  // namespace

std::string fish_completion(const CommandReference& program, std::string_view functions) {
    std::vector<std::string> commands, with_value, optional_values;
    std::string lines;
    for (const CommandReference* command : all_commands(program)) {
        for (const CommandReference& each : command->commands) {
            commands.push_back(in_quotes(each.path));
            lines += line(*command, " -a " + each.name, each.text);
        }
        for (const proxy::ArgumentReference& argument : command->arguments)
            if (const std::string values = offer(completed(argument)); !values.empty())
                lines += line(*command, values, "");
        for (const proxy::OptionReference& option : all_options(*command)) {
            lines += option_line(*command, option);
            const std::vector<std::string> following = values_that_may_follow(option);
            for (const std::string& name : spellings(option)) {
                if (option.needs_value) with_value.push_back(in_quotes(command->path + " " + name));
                for (const std::string& value : following)
                    optional_values.push_back(in_quotes(fmt::format("{} {} {}", command->path, name, value)));
                if (!following.empty())
                    lines += fmt::format("complete -c whytls -n '__whytls_at {}; and __whytls_after {}' -a '{}'\n",
                                         command->path, name, fmt::join(following, " "));
            }
        }
    }
    return "# Completion of whytls in fish, made from its option tables.\n" +
           predicate("__whytls_is_command", commands) + predicate("__whytls_needs_value", with_value) +
           predicate("__whytls_is_optional_value", optional_values) + std::string(functions) + lines;
}

}  // namespace packaging
