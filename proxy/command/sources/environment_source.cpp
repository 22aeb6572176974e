#include "proxy/command/sources/environment_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "proxy/command/near_word.h"

namespace proxy {

namespace {

constexpr std::string_view variable_prefix = "WHYTLS_";
// Options of every command that are no values of its own: which file the others come from.
constexpr auto of_files = std::to_array<std::string_view>({"config", "no-config"});

std::vector<SourceValue> values_of(const CLI::Option& option, std::string_view text, const std::string& place) {
    const bool flag = option.get_expected_max() == 0;
    if (const auto on = flag ? read_switch(text) : std::nullopt) return {{*on ? "true" : "false", place, true}};
    const bool list = flag ? !option.get_type_name().empty() : option.get_items_expected_max() > 1;
    if (!list) return {{std::string(text), place}};
    std::vector<SourceValue> values;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(value_separator));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        if (!one.empty()) values.push_back({std::string(one), place});
    }
    return values;
}

void add_variables(const CLI::App& app, std::vector<std::string>& variables) {
    for (const CLI::Option* option : app.get_options())
        if (const std::string& name = source_name(*option); !name.empty() && !option->get_group().empty())
            variables.push_back(variable_of(name));
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        add_variables(*command, variables);
}

}  // namespace

Environment environment_of_this_process() {
    Environment result;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view text = *each;
        if (const auto equals = text.find('='); equals != std::string_view::npos && equals > 0)
            result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

std::string variable_of(std::string_view option) {
    std::string name(variable_prefix);
    for (const char c : option) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

const std::string* find_in(const Environment& environment, std::string_view option) {
    const auto found = environment.find(variable_of(option));
    return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

std::optional<bool> read_switch(std::string_view text) {
    if (text == "1" || text == "true") return true;
    if (text == "0" || text == "false") return false;
    return std::nullopt;
}

OptionSource read_environment(const CLI::App& command, const Environment& environment) {
    std::vector<SourceEntry> entries;
    for (const CLI::Option* option : command.get_options()) {
        const std::string& name = source_name(*option);
        const std::string* text = name.empty() ? nullptr : find_in(environment, name);
        if (text == nullptr) continue;
        const std::string place = variable_of(name);
        entries.push_back({name, place, values_of(*option, *text, place)});
    }
    return OptionSource(std::move(entries));
}

std::vector<std::string> warn_of_misspelt(const CLI::App& program, const Environment& environment) {
    std::vector<std::string> known;
    add_variables(program, known);
    for (const std::string_view option : of_files) known.push_back(variable_of(option));
    std::vector<std::string> names;  // what is alike in all says nothing
    for (const std::string& each : known) names.push_back(each.substr(variable_prefix.size()));
    std::vector<std::string> warnings;
    for (auto each = environment.lower_bound(variable_prefix);
         each != environment.end() && each->first.starts_with(variable_prefix); ++each) {
        if (std::ranges::find(known, each->first) != known.end()) continue;
        const std::string nearest = near_word(each->first.substr(variable_prefix.size()), names);
        if (!nearest.empty())
            warnings.push_back(
                fmt::format("warning: {} names no option; did you mean {}{}?", each->first, variable_prefix, nearest));
    }
    return warnings;
}

}  // namespace proxy
