#include "proxy/command/exec/print_env.h"

#include <fmt/format.h>

#include <string_view>

namespace proxy {

namespace {

// In single quotes POSIX's shells know no character with a meaning but the quote itself.
std::string quoted_for_sh(std::string_view text) {
    std::string result = "'";
    for (const char c : text) c == '\'' ? result += "'\\''" : result += c;
    return result + "'";
}

// fish's single quotes know two: \' and \\.
std::string quoted_for_fish(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

// RFC 8259 §7. A variable may hold bytes that are not UTF-8; only the user sets these.
std::string quoted_for_json(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20)
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + "\"";
}

std::string line_for(const EnvironmentSetting& setting, EnvironmentForm form) {
    const auto& [name, value] = setting;
    switch (form) {
        case EnvironmentForm::sh:
            return value ? fmt::format("export {}={}\n", name, quoted_for_sh(*value)) : fmt::format("unset {}\n", name);
        case EnvironmentForm::fish:
            return value ? fmt::format("set -gx {} {}\n", name, quoted_for_fish(*value))
                         : fmt::format("set -e {}\n", name);
        case EnvironmentForm::json: break;
    }
    return fmt::format("  {}: {}", quoted_for_json(name), value ? quoted_for_json(*value) : "null");
}

}  // namespace

std::string print_environment(std::span<const EnvironmentSetting> settings, EnvironmentForm form) {
    const bool json = form == EnvironmentForm::json;
    std::string text = json ? "{\n" : "";
    for (const EnvironmentSetting& each : settings) {
        text += line_for(each, form);
        if (json) text += &each == &settings.back() ? "\n" : ",\n";
    }
    return json ? text + "}\n" : text;
}

}  // namespace proxy
