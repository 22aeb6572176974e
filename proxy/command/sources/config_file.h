// --config FILE: options in a TOML file, one key for each, named like the option without its
// dashes.
#pragma once

#include <string>
#include <string_view>

#include "proxy/command/sources/option_source.h"

namespace proxy {

// What a file's text gives; `name` is how messages call the file. Throws UsageError, which names it
// and the line.
OptionSource read_config_text(const std::string& name, std::string_view text);

}  // namespace proxy
