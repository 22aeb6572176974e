#include "proxy/command/config_file.h"

#include <fmt/format.h>
// Debian's toml++ 3.3 declares a point unreachable that is reached for letters such as U+00E9. Only
// that check is wrong.
#pragma clang attribute push(__attribute__((no_sanitize("unreachable"))), apply_to = function)
#include <toml++/toml.h>
#pragma clang attribute pop

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "certs/bytes.h"
#include "certs/file.h"
#include "proxy/command/near_word.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// As it would be on the command line: a string without quotes, everything else as TOML writes it.
std::string text_of(const toml::node& node) {
    if (const auto* string = node.as_string()) return string->get();
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    std::ostringstream text;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) text << value.get();
    });
    return std::move(text).str();
}

const std::string& name_of(const CLI::Option& option) {
    static const std::string none;
    return option.get_lnames().empty() || !option.get_configurable() ? none : option.get_lnames().front();
}

// " (did you mean 'listen'?)" when there is an option of a similar name.
std::string suggestion(const std::string& key, const CLI::App& command) {
    std::vector<std::string> keys;
    for (const CLI::Option* option : command.get_options())
        if (!name_of(*option).empty() && !option->get_group().empty()) keys.push_back(name_of(*option));
    const std::string nearest = near_word(key, keys);
    return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

std::string read(const std::string& name) {
    auto text = certs::read_file(name);
    if (!text) throw UsageError(fmt::format("--config {}: {}", name, certs::reading_problem(text.error())));
    return *std::move(text);
}

bool is_toml(const std::string& line) {
    try {
        return !toml::parse(line).empty();
    } catch (const toml::parse_error&) { return false; }
}

std::string_view without_blanks(std::string_view text) { return certs::trimmed(text, " \t\r"); }

// A value in TOML's form: in quotes when it is no TOML value without them.
std::string quoted_value(std::string_view value) {
    if (is_toml(fmt::format("x = {}", value))) return std::string(value);
    return value.find_first_of("\"\\\n") == std::string_view::npos ? fmt::format("\"{}\"", value) : std::string(value);
}

// `key = value` with its text in quotes, each item of a list separately; "" when that is no TOML
// either, or the line is no such line.
std::string with_quotes(std::string_view line) {
    constexpr std::size_t most = 300;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.size() > most) return "";
    const std::string_view key = without_blanks(line.substr(0, equals));
    std::string_view value = without_blanks(line.substr(equals + 1));
    if (const auto comment = value.find(" #"); comment != std::string_view::npos)
        value = without_blanks(value.substr(0, comment));
    if (value.empty()) return "";
    std::string mended;
    if (value.starts_with('[') && value.ends_with(']') && !value.starts_with("[::")) {
        for (std::string_view rest = value.substr(1, value.size() - 2); !rest.empty();) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            if (!without_blanks(one).empty())
                mended += (mended.empty() ? "" : ", ") + quoted_value(without_blanks(one));
        }
        mended = "[" + mended + "]";
    } else {
        mended = quoted_value(value);
    }
    mended = fmt::format("{} = {}", key, mended);
    return is_toml(mended) ? mended : "";
}

struct Unquoted {
    std::size_t line = 0;
    std::string mended;  // the whole line as it was likely meant; "" when that is not clear
};

// The parser may notice the fault only at the beginning of the next line.
Unquoted unquoted_at(std::string_view text, std::size_t line) {
    std::string_view before, here;
    for (std::size_t number = 0; number < line && !text.empty(); ++number) {
        before = here;
        here = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(here.size() + 1, text.size()));
    }
    for (const auto& [candidate, number] : {std::pair{here, line}, std::pair{before, line - 1}})
        if (!is_toml(std::string(candidate)))
            if (std::string mended = with_quotes(candidate); !mended.empty()) return {number, std::move(mended)};
    return {};
}

bool given(const CLI::App& app, const std::string& option) {
    const CLI::Option* found = app.get_option_no_throw(option);
    return found && found->count() > 0;
}

}  // namespace

std::string ConfigFile::at(std::size_t line) const { return fmt::format("{}:{}: ", name_, line); }

ConfigFile::ConfigFile(const std::string& name) : ConfigFile(name, read(name)) {}

ConfigFile::ConfigFile(std::string name, std::string_view text) : name_(std::move(name)) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        const std::size_t line = error.source().begin.line;
        if (const Unquoted found = unquoted_at(text, line); !found.mended.empty())
            throw UsageError(
                fmt::format("{}not TOML: a text stands in quotes; did you mean {}?", at(found.line), found.mended));
        throw UsageError(fmt::format("{}not TOML: {}", at(line), error.description()));
    }
    for (const auto& [key, node] : table) {
        Entry entry{std::string(key.str()), key.source().begin.line, {}, node.is_array()};
        const auto add = [&](const toml::node& value) {
            if (value.is_table() || value.is_array())
                throw UsageError(fmt::format(
                    "{}'{}' cannot hold a table or a list of lists: each option is a key of its own, without sections",
                    at(entry.line), entry.key));
            entry.values.push_back({text_of(value), value.source().begin.line, value.is_boolean()});
        };
        if (const toml::array* list = node.as_array())
            std::ranges::for_each(*list, add);
        else
            add(node);
        entries_.push_back(std::move(entry));
    }
    std::ranges::sort(entries_, {}, &Entry::line);
}

void ConfigFile::apply_to(CLI::App& command, const CLI::App& front) {
    for (const Entry& entry : entries_) {
        const CLI::Option* option = command.get_option_no_throw("--" + entry.key);
        if (option == nullptr || name_of(*option) != entry.key)
            throw UsageError(
                fmt::format("{}no option '{}'{}", at(entry.line), entry.key, suggestion(entry.key, command)));
    }
    std::erase_if(entries_, [&](const Entry& entry) {
        return given(command, "--" + entry.key) || given(front, "--" + entry.key);
    });
    for (const Entry& entry : entries_) apply(entry, command);
}

void ConfigFile::apply(const Entry& entry, CLI::App& command) const {
    CLI::Option& option = *command.get_option("--" + entry.key);
    const bool flag = option.get_expected_max() == 0;
    const bool plain_flag = flag && option.get_type_name().empty();
    const std::string takes = plain_flag ? "true or false"
                              : flag     ? "true, false or " + option.get_type_name()
                                         : option.get_type_name();
    if (entry.list && (plain_flag || (!flag && option.get_items_expected_max() < 2)))
        throw UsageError(fmt::format("{}{} takes {}, and no list", at(entry.line), entry.key, takes));
    for (const Value& value : entry.values) {
        if (value.boolean ? !flag : plain_flag)
            throw UsageError(fmt::format("{}{} takes {}, not {}", at(value.line), entry.key, takes,
                                         value.boolean ? value.text : fmt::format("'{}'", value.text)));
        if (!value.boolean || value.text == "true") option.add_result(value.text);
    }
    if (option.count() == 0) return;
    try {
        option.run_callback();
    } catch (const UsageError& error) { throw UsageError(locate(error.what())); } catch (const CLI::ParseError&) {
        throw UsageError(
            fmt::format("{}{} takes {}, not '{}'", at(entry.line), entry.key, takes, entry.values.front().text));
    }
}

std::string ConfigFile::locate(const std::string& error) const {
    for (const Entry& entry : entries_) {
        const bool named = error.starts_with("--" + entry.key + " ");
        // Patterns, and files that cannot be used, are named without the option.
        const auto about = [&](const Value& value) {
            return named ? error.contains(value.text)
                         : error.starts_with(value.text + ": ") || error.starts_with("'" + value.text + "' ");
        };
        const auto value = std::ranges::find_if(entry.values, about);
        if (named) return at(value == entry.values.end() ? entry.line : value->line) + error;
        if (value != entry.values.end()) return at(value->line) + entry.key + ": " + error;
    }
    return error;
}

}  // namespace proxy
