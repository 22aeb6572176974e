// The command line, as CLI11 reads it, turned into Settings.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/command/ca/ca_command.h"
#include "proxy/command/check/check_command.h"
#include "proxy/command/exec/exec_command.h"
#include "proxy/command/explain/explain_command.h"
#include "proxy/command/log/log_command.h"
#include "proxy/command/reference/reference.h"
#include "proxy/command/verify/verify_command.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct ProxyCommand {
    Settings settings;
};
struct PrintAndExit {
    std::string text;
};  // --help, --version

using Command = std::variant<ProxyCommand, ExecCommand, CheckCommand, VerifyCommand, ExplainCommand, LogCommand,
                             CaCommand, PrintAndExit>;

// Throws UsageError: one line that names the option and what it takes. An option of the contract
// that is not built yet is refused as such.
Command parse_command_line(int argc, const char* const* argv);

// The program's commands and all that they take.
CommandReference program_reference();

}  // namespace proxy
