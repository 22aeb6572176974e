#include "proxy/command/config/config_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <sstream>

#include "inspect/report/print/escape.h"
#include "proxy/command/sources/toml.h"
#include "proxy/settings/keyring.h"

namespace proxy {

namespace {

using Kind = OptionInForce::Kind;

constexpr const char* beginning =
    "# What `whytls proxy` uses here, and where it comes from; a default is a comment. --config takes this file.\n";

bool is_hidden(const ConfigCommand& command, const OptionInForce& option) {
    return option.secret && !command.show_secrets;
}

// A string of TOML: in it only quotes, backslashes and control characters have a meaning.
std::string quoted_for_toml(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + "\"";
}

// A list may be set to nothing: a switch for some hosts that is off, in place of one that was on.
bool is_unset(const OptionInForce& option) {
    return option.values.empty() && (option.is_default() || option.kind != Kind::list);
}

// The option's value as TOML writes it. A number is one where TOML knows it as such.
std::string toml_value(const OptionInForce& option) {
    if (option.kind == Kind::list) {
        std::vector<std::string> values;
        for (const std::string& value : option.values) values.push_back(quoted_for_toml(value));
        return fmt::format("[{}]", fmt::join(values, ", "));
    }
    const std::string& value = option.values.back();
    const bool bare = option.kind == Kind::flag || (option.kind == Kind::number && is_toml("x = " + value));
    return bare ? value : quoted_for_toml(value);
}

// A value that TOML cannot write (bytes that are no UTF-8) is a comment too.
std::string toml_line(const ConfigCommand& command, const OptionInForce& option) {
    const std::string origin = inspect::report::for_terminal(option.origin);
    if (is_unset(option)) return fmt::format("# {}: not set\n", option.name);
    if (is_hidden(command, option))
        return fmt::format("# {} = \"********\"  # {}; --show-secrets prints it\n", option.name, origin);
    const std::string line = fmt::format("{} = {}", option.name, toml_value(option));
    if (!is_toml(line)) return fmt::format("# {}: cannot be written here  # {}\n", option.name, origin);
    return fmt::format("{}{}  # {}\n", option.is_default() ? "# " : "", line, origin);
}

}  // namespace

std::string as_toml(const ConfigCommand& command) {
    std::string text = beginning;
    for (const OptionInForce& option : command.options) text += toml_line(command, option);
    return text;
}

std::string as_json(const ConfigCommand& command) {
    toml::table all;
    for (const OptionInForce& option : command.options) {
        toml::table entry;
        entry.insert_or_assign("origin", option.origin);
        if (is_hidden(command, option))
            entry.insert_or_assign("secret", true);
        else if (const std::string text = is_unset(option) ? "" : "value = " + toml_value(option); is_toml(text))
            entry.insert_or_assign("value", *toml::parse(text).get("value"));
        all.insert_or_assign(option.name, std::move(entry));
    }
    std::ostringstream text;
    text << toml::json_formatter{all} << '\n';
    return std::move(text).str();
}

int run_config_command(const ConfigCommand& command) {
    (void)load_keyring(command.settings);
    const std::string text = command.json ? as_json(command) : as_toml(command);
    std::fwrite(text.data(), 1, text.size(), stdout);
    // Who uses it as a file would have a proxy without its password.
    for (const OptionInForce& option : command.options)
        if (is_hidden(command, option))
            fmt::print(stderr, "whytls: the value of --{} is left out: --show-secrets prints it\n", option.name);
    return 0;
}

}  // namespace proxy
