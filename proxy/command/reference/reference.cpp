#include "proxy/command/reference/reference.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "inspect/before_tls/starttls.h"
#include "proxy/command/help.h"

namespace proxy {

namespace {

OptionReference reference_of(const CLI::Option& option) {
    const auto& letters = option.get_snames();
    return {.letter = letters.empty() ? "" : letters.front(),
            .name = option.get_lnames().front(),
            .takes = option.get_type_name(),
            .text = option.get_description(),
            .repeated = option.get_items_expected_max() > 1,
            .needs_value = option.get_items_expected_min() > 0,
            .in_configuration = option.get_configurable()};
}

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '.';
    });
}

}  // namespace

CommandReference reference_of(const CLI::App& command, const std::string& path) {
    CommandReference result{.path = path,
                            .name = command.get_name(),
                            .text = command.get_description(),
                            .usage = usage(command, path),
                            .footer = command.get_footer()};
    for (const CLI::Option* each :
         command.get_options([](const CLI::Option* option) { return option->get_positional(); }))
        result.arguments.push_back({each->get_name(true), each->get_description()});
    for (const auto& [title, options] : grouped_options(command)) {
        OptionsReference& group = result.groups.emplace_back(title);
        for (const CLI::Option* option : options) group.options.push_back(reference_of(*option));
    }
    for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; }))
        result.commands.push_back(reference_of(*each, path + " " + each->get_name()));
    return result;
}

std::vector<std::string> fixed_values(const OptionReference& option) {
    if (option.name == "starttls") {  // too many for the help's column
        const auto protocols = inspect::starttls::names();
        return {protocols.begin(), protocols.end()};
    }
    std::string_view rest = option.takes;
    if (!rest.contains('|')) return {};
    if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
    std::vector<std::string> values;
    for (bool more = true; more;) {
        const auto bar = rest.find('|');
        if (const std::string_view word = rest.substr(0, bar); is_word(word)) values.emplace_back(word);
        more = bar != std::string_view::npos;
        rest.remove_prefix(more ? bar + 1 : rest.size());
    }
    return values;
}

}  // namespace proxy
