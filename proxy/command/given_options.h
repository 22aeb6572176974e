// The options that the user typed, repeated in the commands of fixes. Knows which of them matter
// there, and which are secrets.
#pragma once

#include <vector>

#include "inspect/diagnosis/given_option.h"

namespace CLI {
class App;
}

namespace proxy {

// Reads a parsed command line, before a --config file was applied: that file is an option too.
// Passwords are replaced by words that say what belongs there.
std::vector<inspect::diagnosis::GivenOption> given_options(const CLI::App& command);

}  // namespace proxy
