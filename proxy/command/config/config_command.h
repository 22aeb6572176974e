// `whytls config`: what is in force for `whytls proxy`, and where it comes from.
#pragma once

#include <string>
#include <vector>

#include "proxy/settings/settings.h"

namespace proxy {

// What an option is set to. Its values are those of the command line; a switch has "true" or "false".
struct OptionInForce {
    enum class Kind { text, number, flag, list };

    std::string name;  // "idle-timeout"
    Kind kind = Kind::text;
    std::vector<std::string> values;  // none where the option is not set
    // "default", "command line", "environment WHYTLS_LOG", "whytls.toml:3"; "default, for
    // whytls.toml:3 names none" where an empty list is given that means the default.
    std::string origin;
    bool secret = false;  // a value holds a password
    bool is_default() const { return origin.starts_with("default"); }
};

struct ConfigCommand {
    std::vector<OptionInForce> options;
    Settings settings = {};  // that they mean
    bool json = false, show_secrets = false;
};

// The options as TOML that --config takes, one a line with its origin as a comment. What is not set,
// a default (another machine may have another) and a secret that is not to be shown is a comment as
// a whole.
std::string as_toml(const ConfigCommand& command);

// As a JSON object: by the option's name its value (none where it is not set) and its origin.
std::string as_json(const ConfigCommand& command);

// Prints them. Returns the exit code. Throws UsageError where a file that they name cannot be read,
// as the proxy would.
int run_config_command(const ConfigCommand& command);

}  // namespace proxy
