// SIGHUP: anchors, client certificates and the CA are read again, and replaced when all of them are
// good.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "proxy/services/services.h"
#include "proxy/settings/settings.h"

namespace proxy {

// An error, preceded by the place of the value that it is about, "whytls.toml:3: ", when that came
// from a file or the environment.
using Locate = std::function<std::string(const std::string&)>;

// What the command line, the environment and the configuration file say now.
struct Reread {
    Settings settings;
    std::vector<std::string> left;  // options with another value than at the start that need a restart
    Locate locate;
};
// Throws UsageError.
using ReadAgain = std::function<Reread()>;

// Takes what is new, on any thread. What is under way ends with what it began with. Returns the lines
// that tell what was taken and what was not; where something cannot be read, nothing is taken.
std::vector<std::string> take_again(Services& services, const ReadAgain& read_again);

}  // namespace proxy
