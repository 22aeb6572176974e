// The settings of a command's environment as text that a shell or a program reads. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "proxy/command/exec/environment.h"

namespace proxy {

enum class EnvironmentForm : std::uint8_t { sh, fish, json };

// sh: `export NAME='VALUE'` and `unset NAME` a line; fish: `set -gx NAME 'VALUE'` and `set -e NAME`;
// json: one object with a string, or null for a variable that is to be taken away, for each name.
// Whatever the values hold, a shell takes them as they are.
std::string print_environment(std::span<const EnvironmentSetting> settings, EnvironmentForm form);

}  // namespace proxy
