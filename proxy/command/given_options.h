// The options that the user typed, repeated in the commands of fixes. Knows which of them matter
// there, and which are secrets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/given_option.h"

namespace CLI {
class App;
}

namespace proxy {

// A value without its password, in whose place words say what belongs there; the value itself where
// it has none. `option` is "--proxy-auth".
std::string without_secret(std::string_view option, const std::string& value);

// Reads a parsed command line, before environment and file were applied (sources/): these hold for
// the command that is shown as well, and --config is an option too.
// Passwords are replaced by words that say what belongs there.
std::vector<inspect::diagnosis::GivenOption> given_options(const CLI::App& command);

}  // namespace proxy
