#include "proxy/command/parse_error.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "proxy/command/near_word.h"
#include "proxy/io/child.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// The command that was named, or else the whole program.
struct Place {
    const CLI::App* app;
    std::string path;  // "ca show"; "" for the program itself
};

Place innermost(const CLI::App& app) {
    Place place{&app, ""};
    while (!place.app->get_subcommands().empty()) {
        place.app = place.app->get_subcommands().front();
        place.path += (place.path.empty() ? "" : " ") + place.app->get_name();
    }
    return place;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_lnames().empty() && !option->get_group().empty())
            names.push_back("--" + option->get_lnames().front());
    return names;
}

const CLI::App* command_of(const CLI::App& app, std::string_view name) {
    const auto found = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

// "whytls proxy and whytls check", for the commands that have the option.
std::string owners_of(const std::string& option, const CLI::App& app, const std::string& path) {
    std::string owners;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string name = path + " " + command->get_name();
        const auto options = options_of(*command);
        const bool repeats = command->get_name() == "config" && !owners.empty();  // the proxy's
        if (!repeats && std::ranges::find(options, option) != options.end())
            owners += (owners.empty() ? "" : " and ") + name;
        if (const std::string below = owners_of(option, *command, name); !below.empty())
            owners += (owners.empty() ? "" : " and ") + below;
    }
    return owners;
}

std::string meant(const std::string& word, const std::vector<std::string>& words) {
    const std::string near = near_word(word, words);
    return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

std::string about_extra(const CLI::App& app, const Place& place, const std::string& extra) {
    if (!extra.starts_with('-')) {
        const auto commands = commands_of(*place.app);
        std::string hint = meant(extra, commands);
        const bool of_program = hint.empty() && place.path.empty();
        if (of_program && !extra.contains('/') && find_program(extra))
            hint = fmt::format("; did you mean whytls exec -- {} …?", extra);
        else if (of_program && extra.contains('.'))
            hint = fmt::format("; did you mean whytls check {}?", extra);
        if (!commands.empty()) return fmt::format("no command '{}'{}", extra, hint);
        return fmt::format("takes no argument, and '{}' is one", extra);
    }
    const std::string option = extra.substr(0, extra.find('='));
    const std::string owners = owners_of(option, app, "whytls");
    return fmt::format("no option {}{}", option,
                       owners.empty() ? meant(option, options_of(*place.app)) : "; it is one of " + owners);
}

// "--resolve" in CLI11's "--resolve: 1 required HOST missing".
std::string about_missing_value(const Place& place, const std::string& text, const std::string& last) {
    std::string name = text.substr(0, text.find(": "));
    if (name.empty()) name = last.substr(0, last.find('='));  // for an option that the help does not list
    const CLI::Option* option = place.app->get_option_no_throw(name);
    const std::string takes = option == nullptr ? "a value" : option->get_type_name();
    return fmt::format("{} takes {}, and none is given", name, takes);
}

// For CLI11's "Could not convert: --workers = many".
std::string about_value(const Place& place, const std::string& text) {
    const auto begin = text.find(": "), equals = text.find(" = ");
    if (begin == std::string::npos || equals == std::string::npos || equals < begin) return text;
    const std::string name = text.substr(begin + 2, equals - begin - 2);
    const CLI::Option* option = place.app->get_option_no_throw(name);
    const std::string takes =
        option == nullptr || option->get_type_name().empty() ? "no such value" : option->get_type_name();
    return fmt::format("{} takes {}, not '{}'", name, takes, text.substr(equals + 3));
}

// "--insecure a.test": a flag's value is accepted only with "="; without it, the value would be
// taken for a command.
void refuse_pattern_apart(const CLI::App& app, std::string_view flag, const std::string& next) {
    if ((flag != "--insecure" && flag != "-k") || app.get_option_no_throw(std::string(flag)) == nullptr) return;
    if (next.starts_with('-') || command_of(app, next) != nullptr || !near_word(next, commands_of(app)).empty()) return;
    throw CommandLineError(
        "whytls",
        fmt::format("{} takes its PATTERN after a '='; did you mean --insecure={}? (whytls --help)", flag, next));
}

}  // namespace

void refuse_option_as_value(const CLI::App& app, int argc, const char* const* argv) {
    Place place{&app, ""};
    const auto option_of = [&](std::string_view word) -> const CLI::Option* {
        if (word.size() < 2 || !word.starts_with('-')) return nullptr;
        const std::string name(word.substr(0, word.find('=')));
        const CLI::Option* option = place.app->get_option_no_throw(name);
        return option != nullptr ? option : app.get_option_no_throw(name);
    };
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--") return;
        if (const CLI::App* command = command_of(*place.app, word)) {
            place = {command, place.path + (place.path.empty() ? "" : " ") + command->get_name()};
            continue;
        }
        const CLI::Option* option = option_of(word);
        if (i + 1 < argc) refuse_pattern_apart(*place.app, word, argv[i + 1]);
        if (option == nullptr || option->get_items_expected_min() == 0 || word.contains('=') || i + 1 == argc) continue;
        const std::string_view value = argv[++i];
        if (option_of(value) == nullptr) continue;
        const std::string command = place.path.empty() ? "whytls" : "whytls " + place.path;
        throw CommandLineError(
            command, fmt::format("{} takes {}, and {} comes after it; if that is meant: {}={} ({} --help)", word,
                                 option->get_type_name(), value, word, value, command));
    }
}

CommandLineError explain_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::string& last) {
    const Place place = innermost(app);
    const std::vector<std::string> extras = app.remaining(true);
    std::string text = error.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        text = about_missing_value(place, text, last);
    else if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)
        text = about_value(place, text);
    else if (!extras.empty())
        text = about_extra(app, place, extras.front());
    else if (const auto commands = commands_of(*place.app);
             dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !commands.empty())
        text = fmt::format("takes one of {}", fmt::join(commands, ", "));
    std::ranges::replace(text, '\n', ' ');
    const std::string command = place.path.empty() ? "whytls" : "whytls " + place.path;
    return CommandLineError(command, fmt::format("{} ({} --help)", text, command));
}

}  // namespace proxy
