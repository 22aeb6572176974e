#include "proxy/command/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"

namespace proxy {

namespace {

using inspect::report::columns;
using inspect::report::filled;

struct Group {
    const char* title;
    std::vector<std::string_view> options;  // long names, in the order that is shown
};

// An option that no group names comes first, under "Options".
const std::array groups{
    Group{"Listening",
          {"listen", "transparent", "reverse", "listen-tls", "allow-origin", "allow-remote", "proxy-auth",
           "allow-anonymous"}},
    Group{"Which hosts", {"insecure", "passthrough"}},
    Group{"Verification", {"trust", "add-trust", "at", "profile", "revocation", "aia", "untrusted", "crl", "ocsp"}},
    Group{"Reaching the server",
          {"resolve", "connect-to", "all-addresses", "servername", "starttls", "upstream-proxy", "no-proxy",
           "client-cert", "client-key", "client-key-password", "tls-min", "tls-max", "resumption", "experiments"}},
    Group{"Scan", {"scan", "html"}},
    Group{"Limits",
          {"parallel", "connect-timeout", "handshake-timeout", "response-timeout", "idle-timeout", "max-header",
           "max-connections-per-client"}},
    Group{"What is reported",
          {"verbose", "ui",     "open",       "log",          "log-max-size", "log-keep",    "log-secrets",
           "record",  "har",    "body-limit", "otlp",         "otlp-header",  "keylog",      "redact",
           "detail",  "expect", "full",       "until-breaks", "json",         "show-secrets"}},
    Group{"The program", {"ca-dir", "workers", "config", "no-config", "help", "version"}},
};

std::string spelling(const CLI::Option& option) {
    std::string text = option.get_snames().empty() ? "    " : fmt::format("-{}, ", option.get_snames().front());
    text += "--" + option.get_lnames().front();
    const std::string type = option.get_type_name();
    if (type.empty()) return text;
    return text + (type.starts_with("[=") ? "" : " ") + type;
}

// Two columns. When the name does not fit into the first, the text begins on the next line.
std::string row(const std::string& name, const std::string& text, std::size_t width) {
    const std::size_t indent = width < 80 ? 22 : 30;
    const std::string first = "  " + name;
    if (columns(first) + 2 <= indent)
        return filled(first + std::string(indent - columns(first), ' '), text, indent, width);
    return first + "\n" + filled(std::string(indent, ' '), text, indent, width);
}

std::string option_groups(const CLI::App& command, std::size_t width) {
    std::string result;
    for (const auto& [title, options] : grouped_options(command)) {
        result += fmt::format("\n{}:\n", title);
        for (const CLI::Option* option : options) result += row(spelling(*option), option->get_description(), width);
    }
    return result;
}

std::string commands(const CLI::App& command, std::size_t width) {
    std::string result;
    for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; }))
        result += row(each->get_name(), each->get_description(), width);
    return result.empty() ? "" : "\nCommands:\n" + result;
}

std::string arguments(const CLI::App& command, std::size_t width) {
    std::string result;
    for (const CLI::Option* each :
         command.get_options([](const CLI::Option* option) { return option->get_positional(); }))
        result += row(each->get_name(true), each->get_description(), width);
    return result.empty() ? "" : "\n" + result;
}

std::string footer(std::string_view text, std::size_t width) {
    std::string result;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        result += line.starts_with(' ') || line.empty() ? std::string(line) + "\n" : filled("", line, 0, width);
    }
    return result.empty() ? "" : "\n" + result;
}

}  // namespace

std::string help_text(const CLI::App& command, const std::string& path, std::size_t width) {
    return filled("", (command.get_parent() == nullptr ? "" : path + ": ") + command.get_description(), 0, width) +
           "Usage: " + usage(command, path) + "\n" + arguments(command, width) + commands(command, width) +
           option_groups(command, width) + footer(command.get_footer(), width);
}

std::string usage(const CLI::App& command, const std::string& path) {
    const bool has_commands = !command.get_subcommands([](const CLI::App*) { return true; }).empty();
    std::string text = fmt::format("{}{} [options]", path, has_commands ? " COMMAND" : "");
    for (const CLI::Option* each :
         command.get_options([](const CLI::Option* option) { return option->get_positional(); }))
        text += fmt::format(" {} ...", each->get_name(true));
    if (command.get_name() == "exec") text += " [--] COMMAND [ARG ...]";  // which CLI11 never sees
    return text;
}

std::vector<OptionGroup> grouped_options(const CLI::App& command) {
    std::vector<const CLI::Option*> others = command.get_options(
        [](const CLI::Option* option) { return !option->get_lnames().empty() && !option->get_group().empty(); });
    std::vector<OptionGroup> result;
    for (const Group& group : groups) {
        OptionGroup members{group.title, {}};
        for (const std::string_view name : group.options) {
            const auto is_it = [&](const CLI::Option* option) { return option->get_lnames().front() == name; };
            const auto found = std::ranges::find_if(others, is_it);
            if (found == others.end()) continue;
            members.options.push_back(*found);
            others.erase(found);
        }
        if (!members.options.empty()) result.push_back(std::move(members));
    }
    if (!others.empty()) result.insert(result.begin(), {"Options", std::move(others)});
    return result;
}

}  // namespace proxy
