// zsh's completion: a function a command, of _arguments (zshcompsys(1)).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "packaging/reference/completions.h"

namespace packaging {

namespace {

using proxy::CommandReference;
using proxy::OptionReference;

// With a backslash before what _arguments would take for the end of a description or a message.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char character : text) {
        if (std::string_view("[]:\\").contains(character)) result += '\\';
        result += character;
    }
    return result;
}

std::string function_name(const CommandReference& command) {
    std::string name = "_" + command.path;
    std::ranges::replace(name, ' ', '_');
    return name;
}

std::string action(const Completed& values) {
    if (values.paths == Completed::Paths::files) return "_files";
    if (values.paths == Completed::Paths::directories) return "_files -/";
    return values.words.empty() ? " " : fmt::format("({})", fmt::join(values.words, " "));
}

// "*--trust=[text]:FILE:_files", once for each spelling; one that is given excludes both.
std::string specification(const OptionReference& option) {
    const std::vector<std::string> names = spellings(option);
    std::string result;
    for (const std::string& name : names) {
        const bool is_long = name.starts_with("--");
        const bool only_joined = option.takes.starts_with("[=");
        std::string value;
        if (!option.takes.empty())
            value = fmt::format("{}:{}:{}", option.needs_value ? "" : ":", escaped(option.takes),
                                action(completed(option)));
        const char* joint = option.takes.empty() || (only_joined && !is_long) ? ""
                            : only_joined                                     ? "=-"
                            : is_long                                         ? "="
                                                                              : "+";
        if (only_joined && !is_long) value.clear();
        const std::string before = option.repeated ? "*" : fmt::format("({})", fmt::join(names, " "));
        result += " \\\n        " +
                  quoted(fmt::format("{}{}{}[{}]{}", before, name, joint, escaped(option.text), value), "'\\''");
    }
    return result;
}

std::string arguments(const CommandReference& command) {
    // Its first word is a command, which completes what follows; there is nothing of ours after it.
    if (command.name == "exec") return " \\\n        '(-)1: :_command_names -e' \\\n        '*:: :_normal'";
    if (!command.commands.empty()) return " \\\n        '(-)1: :->command' \\\n        '*:: :->rest'";
    std::string result;
    for (const proxy::ArgumentReference& each : command.arguments)
        result +=
            " \\\n        " + quoted(fmt::format("*:{}:{}", escaped(each.name), action(completed(each))), "'\\''");
    return result;
}

std::string function(const CommandReference& command) {
    std::string text = fmt::format("\n{}() {{\n", function_name(command));
    if (!command.commands.empty())
        text += "    local curcontext=\"$curcontext\" state line ret=1\n    typeset -A opt_args\n";
    text += command.commands.empty() ? "    _arguments -s -S" : "    _arguments -C -s -S";
    for (const OptionReference& option : all_options(command)) text += specification(option);
    text += arguments(command);
    if (command.commands.empty()) return text + "\n}\n";
    text += " && ret=0\n    case $state in\n        command)\n            local -a commands=(\n";
    for (const CommandReference& each : command.commands)
        text += fmt::format("                {}\n", quoted(each.name + ":" + escaped(each.text), "'\\''"));
    text +=
        "            )\n            _describe command commands && ret=0 ;;\n        rest)\n            case $line[1] in\n";
    for (const CommandReference& each : command.commands)
        text += fmt::format("                {}) {} && ret=0 ;;\n", each.name, function_name(each));
    return text + "            esac ;;\n    esac\n    return ret\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandReference& program) {
    std::string text = "#compdef whytls\n# Completion of whytls in zsh, made from its option tables.\n";
    for (const CommandReference* command : all_commands(program)) text += function(*command);
    return text + fmt::format("\n{} \"$@\"\n", function_name(program));
}

}  // namespace packaging
