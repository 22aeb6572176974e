#include "packaging/reference/sample_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "inspect/report/print/lines.h"

namespace packaging {

namespace {

using proxy::OptionReference;

constexpr std::string_view beginning = R"(# Options of whytls as a user service (whytls.service), which runs
#     whytls proxy --config /etc/whytls/whytls.toml
# for each user who enables it: systemctl --user enable --now whytls
# A whytls that is started by hand does not read this file unless --config names it: it reads
# ~/.config/whytls/config.toml, which may have the same lines.
#
# A key is an option without its dashes, and a command line wins over it. Paths are relative to the
# working directory, which in the service is the user's home. After a change: systemctl --user restart whytls
# All lines are comments. A value in quotes and capitals says what the option takes; every other one is the default,
# or turns a switch on.
)";

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// A default that stands in the text, in parentheses: "(64K)", "(full; brief when …)". "" when there is none.
std::string_view default_in(std::string_view text) {
    const auto plain = [](char character) {
        return is_digit(character) || (character >= 'a' && character <= 'z') || character == '.' || character == ':';
    };
    for (auto open = text.find('('); open != std::string_view::npos; open = text.find('(', open + 1)) {
        const std::string_view inside = text.substr(open + 1, text.find_first_of(";)", open) - open - 1);
        std::string_view word = inside;
        if (!word.empty() && is_digit(word.front()) && std::string_view("KMG").contains(word.back()))
            word.remove_suffix(1);
        if (!word.empty() && std::ranges::all_of(word, plain)) return inside;
    }
    return "";
}

std::string comment(std::string_view text) {
    constexpr std::size_t width = 98;
    const std::string lines = inspect::report::filled("", text, 0, width);
    std::string result;
    for (std::string_view rest = lines; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        result += fmt::format("# {}\n", line);
    }
    return result;
}

std::string value_of(const OptionReference& option) {
    if (option.takes.empty()) return "true";
    std::string_view value = default_in(option.text);
    if (!value.empty() && std::ranges::all_of(value, is_digit)) return std::string(value);
    if (value.empty()) value = option.takes;
    if (value.starts_with("[=")) value = value.substr(2, value.size() - 3);
    return option.repeated ? fmt::format("[\"{}\"]", value) : fmt::format("\"{}\"", value);
}

}  // namespace

std::string sample_config(const proxy::CommandReference& command) {
    std::string result(beginning);
    for (const auto& [title, options] : command.groups) {
        std::string keys;
        for (const OptionReference& option : options) {
            if (!option.in_configuration) continue;
            keys += fmt::format("\n{}#{} = {}\n", comment(option.text), option.name, value_of(option));
        }
        if (!keys.empty()) result += fmt::format("\n## {}\n{}", title, keys);
    }
    return result;
}

}  // namespace packaging
