#include "proxy/command/config/config_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "inspect/report/print/redaction.h"
#include "proxy/command/given_options.h"
#include "proxy/command/sources/environment_source.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

using Kind = OptionInForce::Kind;

constexpr const char* config_footer =
    "Examples:\n"
    "  whytls config                           # what a bare `whytls` would use\n"
    "  whytls config --add-trust company.pem >whytls.toml && whytls proxy --config whytls.toml\n"
    "\n"
    "Exit code: 0, or 2 where `whytls proxy` would refuse what it is given.";

Kind kind_of(const CLI::Option& option) {
    if (option.get_expected_max() == 0) return option.get_type_name().empty() ? Kind::flag : Kind::list;
    if (option.get_items_expected_max() > 1) return Kind::list;
    const std::string type = option.get_type_name();
    return type == "SECONDS" || type == "NUMBER" ? Kind::number : Kind::text;
}

const char* word_for(inspect::report::Detail detail) {
    switch (detail) {
        case inspect::report::Detail::full: return "full";
        case inspect::report::Detail::brief: return "brief";
        case inspect::report::Detail::off: return "off";
    }
    return "";
}

// Defaults that depend on the machine or on other options. Empty for other options.
std::vector<std::string> settled_default(const std::string& name, const Settings& settings) {
    if (name == "listen") {
        std::vector<std::string> addresses;
        for (const ListenAt& each : settings.listen)
            if (!each.transparent) addresses.push_back(each.address.to_string());
        return addresses;
    }
    if (name == "ui") return {settings.ui ? settings.ui->address.to_string() : "off"};
    if (name == "ca-dir") return {settings.ca_dir.string()};
    if (name == "workers") return {std::to_string(settings.workers)};
    if (name == "detail") return {word_for(settings.detail)};
    return {};
}

void set_default(OptionInForce& option, const CLI::Option& of, const Settings& settings) {
    option.origin = "default";
    if (option.name == "keylog" && !settings.key_log.path.empty()) {
        option.values = {settings.key_log.path};
        option.origin = "environment SSLKEYLOGFILE";
        return;
    }
    option.values = settled_default(option.name, settings);
    if (!option.values.empty()) return;
    if (option.kind == Kind::flag)
        option.values = {"false"};
    else if (option.kind != Kind::list && !of.get_default_str().empty())
        option.values = {of.get_default_str()};
}

bool has_secret(const OptionInForce& option) {
    return std::ranges::any_of(option.values, [&](const std::string& value) {
        return without_secret("--" + option.name, value) != value || inspect::report::without_passwords(value) != value;
    });
}

}  // namespace

void ConfigOptions::add_to(CLI::App& app) {
    app.add_flag("--json", json_, "print it as JSON")->configurable(false);
    app.add_flag("--show-secrets", show_secrets_, "print passwords too")->configurable(false);
    app.footer(config_footer);
}

ConfigCommand ConfigOptions::settle(const CLI::App& app, const CLI::App& program, const Origins& origins,
                                    const Settings& settings) const {
    ConfigCommand command{.options = {}, .settings = settings, .json = json_, .show_secrets = show_secrets_};
    for (const CLI::Option* each : app.get_options()) {
        if (source_name(*each).empty() || each->get_group().empty()) continue;
        OptionInForce option{.name = source_name(*each), .kind = kind_of(*each), .values = {}, .origin = {}};
        const CLI::Option* front = program.get_option_no_throw("--" + option.name);
        const CLI::Option& given = each->count() == 0 && front != nullptr && front->count() > 0 ? *front : *each;
        const auto origin = origins.find(option.name);
        if (origin != origins.end())
            option.origin = (origin->second == variable_of(option.name) ? "environment " : "") + origin->second;
        else
            option.origin = "command line";
        if (given.count() > 0)
            option.values = given.results();
        else if (origin == origins.end())
            set_default(option, *each, settings);
        else if (option.kind == Kind::flag)
            option.values = {"false"};
        else if (option.values = settled_default(option.name, settings); !option.values.empty())
            option.origin = fmt::format("default, for {} names none", option.origin);
        if (option.name == "insecure") std::ranges::replace(option.values, "true", "*");
        option.secret = has_secret(option);
        command.options.push_back(std::move(option));
    }
    return command;
}

}  // namespace proxy
