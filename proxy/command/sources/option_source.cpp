#include "proxy/command/sources/option_source.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "proxy/command/near_word.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

const CLI::Option* option_named(const CLI::App& command, const std::string& name) {
    const CLI::Option* option = command.get_option_no_throw("--" + name);
    return option != nullptr && source_name(*option) == name && !name.empty() ? option : nullptr;
}

// " (did you mean 'listen'?)" when there is an option of a similar name.
std::string suggestion(const std::string& name, const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options())
        if (!source_name(*option).empty() && !option->get_group().empty()) names.push_back(source_name(*option));
    const std::string nearest = near_word(name, names);
    return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

bool is_given(const CLI::App& app, const std::string& name) {
    const CLI::Option* found = app.get_option_no_throw("--" + name);
    return found != nullptr && found->count() > 0;
}

std::string at(const std::string& place) { return place + ": "; }

void apply(const SourceEntry& entry, CLI::Option& option) {
    const bool flag = option.get_expected_max() == 0;
    const bool plain_flag = flag && option.get_type_name().empty();
    const std::string takes = plain_flag ? "true or false"
                              : flag     ? "true, false or " + option.get_type_name()
                                         : option.get_type_name();
    if (entry.list && (plain_flag || (!flag && option.get_items_expected_max() < 2)))
        throw UsageError(fmt::format("{}{} takes {}, and no list", at(entry.place), entry.name, takes));
    for (const SourceValue& value : entry.values) {
        if (value.boolean ? !flag : plain_flag)
            throw UsageError(fmt::format("{}{} takes {}, not {}", at(value.place), entry.name, takes,
                                         value.boolean ? value.text : fmt::format("'{}'", value.text)));
        if (!value.boolean || value.text == "true") option.add_result(value.text);
    }
    if (option.count() == 0) return;
    try {
        option.run_callback();
    } catch (const CLI::ParseError&) {
        throw UsageError(
            fmt::format("{}{} takes {}, not '{}'", at(entry.place), entry.name, takes, entry.values.front().text));
    }
}

// What an error about a file of these options is about, after the words for what it is.
std::string_view without_kind_of_file(std::string_view error, std::string_view option) {
    const std::string_view kind = option == "trust" || option == "add-trust" ? "trust file "
                                  : option == "ca-dir"                       ? "CA: "
                                                                             : "";
    return error.substr(error.starts_with(kind) ? kind.size() : 0);
}

// Where a path may begin in a value: after HOST= and file:, too. npos where the option takes none.
std::size_t begin_of_path(std::string_view text, const CLI::Option& option) {
    const std::string& type = option.get_type_name();
    if (type == "PASS") return text.starts_with("file:") ? std::string_view("file:").size() : std::string_view::npos;
    if (!type.ends_with("FILE") && !type.ends_with("DIR")) return std::string_view::npos;
    const auto host_ends = type.starts_with("[HOST=]") ? text.find("=~/") : std::string_view::npos;
    return host_ends == std::string_view::npos ? 0 : host_ends + 1;
}

// "~/" where a path begins is the home directory: in a file and a variable no shell says so.
std::string with_home(const std::string& text, const CLI::Option& option, const std::string& home) {
    const std::size_t path = begin_of_path(text, option);
    if (home.empty() || path == std::string::npos || text.compare(path, 2, "~/") != 0) return text;
    return text.substr(0, path) + home + text.substr(path + 1);
}

}  // namespace

const std::string& source_name(const CLI::Option& option) {
    static const std::string none;
    return option.get_lnames().empty() || !option.get_configurable() ? none : option.get_lnames().front();
}

bool any_command_takes(const CLI::App& program, const std::string& name) {
    if (option_named(program, name) != nullptr) return true;
    const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
    return std::ranges::any_of(commands, [&](const CLI::App* each) { return any_command_takes(*each, name); });
}

void OptionSource::apply_to(CLI::App& command, const CLI::App& program, const std::string& home, Origins& origins) {
    for (const SourceEntry& entry : entries_)
        if (option_named(command, entry.name) == nullptr && !any_command_takes(program, entry.name))
            throw UsageError(
                fmt::format("{}no option '{}'{}", at(entry.place), entry.name, suggestion(entry.name, command)));
    std::erase_if(entries_, [&](const SourceEntry& entry) {
        return option_named(command, entry.name) == nullptr || is_given(command, entry.name) ||
               is_given(program, entry.name) || origins.contains(entry.name);
    });
    for (SourceEntry& entry : entries_) {
        origins.emplace(entry.name, entry.place);
        CLI::Option& option = *command.get_option("--" + entry.name);
        for (SourceValue& value : entry.values) value.text = with_home(value.text, option, home);
        try {
            apply(entry, option);
        } catch (const UsageError& error) {
            throw UsageError(std::string_view(error.what()).starts_with("--") ? locate(error.what()) : error.what());
        }
    }
}

std::string OptionSource::locate(const std::string& error) const {
    for (const SourceEntry& entry : entries_) {
        const bool named = error.starts_with("--" + entry.name + " ");
        // Patterns, and files that cannot be used, are named without the option.
        const auto about = [&](const SourceValue& value) {
            if (named) return error.contains(value.text);
            const std::string_view subject = without_kind_of_file(error, entry.name);
            return subject.starts_with(value.text + ": ") || subject.starts_with(value.text + ", line ") ||
                   error.starts_with("'" + value.text + "' ");
        };
        const auto value = std::ranges::find_if(entry.values, about);
        if (named) return at(value == entry.values.end() ? entry.place : value->place) + error;
        if (value != entry.values.end()) return at(value->place) + entry.name + ": " + error;
    }
    return error;
}

}  // namespace proxy
