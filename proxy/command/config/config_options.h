// The options of `whytls config` beside the proxy's, and what the proxy's come to.
#pragma once

#include <string>

#include "proxy/command/config/config_command.h"
#include "proxy/command/sources/option_source.h"

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class ConfigOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // `app` is parsed and has its values from all sources; `program` may have been given some of them
    // in front of it. `settings` is what these came to.
    ConfigCommand settle(const CLI::App& app, const CLI::App& program, const Origins& origins,
                         const Settings& settings) const;

private:
    bool json_ = false, show_secrets_ = false;
};

}  // namespace proxy
