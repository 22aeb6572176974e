// The command line, as CLI11 reads it, turned into Settings.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/command/ca/ca_command.h"
#include "proxy/command/check/check_command.h"
#include "proxy/command/config/config_command.h"
#include "proxy/command/exec/exec_command.h"
#include "proxy/command/explain/explain_command.h"
#include "proxy/command/log/log_command.h"
#include "proxy/command/reference/reference.h"
#include "proxy/command/sources/given_values.h"
#include "proxy/command/verify/verify_command.h"
#include "proxy/log/log_writer.h"
#include "proxy/serve/read_again.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct ProxyCommand {
    Settings settings;
    GivenValues given;        // from all sources
    std::string config_file;  // that was read; "" without one
    ReadAgain read_again;     // the same command line, and what the other sources say then
};
struct PrintAndExit {
    std::string text;
};  // --help, --version

using Command = std::variant<ProxyCommand, ExecCommand, CheckCommand, VerifyCommand, ExplainCommand, LogCommand,
                             CaCommand, ConfigCommand, PrintAndExit>;

// What is not on the command line comes from `environment` and from a file (sources/sources.h).
// Throws UsageError: one line that names the option and what it takes. `tell` gets what the user is
// to know of where options come from; `locate` is set once they are read, for what only the command
// itself finds wrong in their values: a file that cannot be used.
Command parse_command_line(int argc, const char* const* argv, const Environment& environment, const Tell& tell,
                           Locate* locate = nullptr);

// The program's commands and all that they take.
CommandReference program_reference();

}  // namespace proxy
