// `whytls exec`: a command whose traffic goes through a proxy of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/command/exec/print_env.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct ExecCommand {
    Settings settings;  // listeners are exec's own; ca_dir is "" for a CA that lives as long as the command
    std::vector<std::string> arguments;  // the command and its own; none with print_env
    std::optional<EnvironmentForm> print_env;
    bool fail_on_tls = false;
    bool all = false;  // all its connections, in a network of its own (enclosure.h)
};

// Serves until the command has ended (with print_env until a signal), and returns its exit code; 127
// when there is no such command, 126 when it cannot be executed. Throws UsageError and StartError.
int run_exec_command(const ExecCommand& command);

}  // namespace proxy
