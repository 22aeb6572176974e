// WHYTLS_IDLE_TIMEOUT for --idle-timeout: options in the environment. Knows no option itself; it
// asks CLI11 for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/command/exec/environment.h"
#include "proxy/command/sources/option_source.h"

namespace proxy {

Environment environment_of_this_process();

// What separates the values of an option that may be given again.
inline constexpr char value_separator = ';';

// "WHYTLS_IDLE_TIMEOUT" for "idle-timeout".
std::string variable_of(std::string_view option);

// The value of an option's variable; nullptr when there is none, or an empty one, which counts as none.
const std::string* find_in(const Environment& environment, std::string_view option);

// Whether a switch's text is 1 or true; nullopt when it is neither, nor 0 or false.
std::optional<bool> read_switch(std::string_view text);

// What the environment gives `command`.
OptionSource read_environment(const CLI::App& command, const Environment& environment);

// A warning for each variable that is likely a misspelt option: it begins with WHYTLS_, names none,
// and resembles one. Others are not ours to judge. Their values are not repeated.
std::vector<std::string> warn_of_misspelt(const CLI::App& program, const Environment& environment);

}  // namespace proxy
