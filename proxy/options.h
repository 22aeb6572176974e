// The command line, as CLI11 reads it, turned into Settings.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/check_command.h"
#include "proxy/explain_command.h"
#include "proxy/log_command.h"
#include "proxy/settings.h"
#include "proxy/verify_command.h"

namespace proxy {

struct ProxyCommand {
    Settings settings;
};
struct CaCommand {
    enum class What { show, export_certificate } what = What::show;
    std::filesystem::path ca_dir;
};
struct PrintAndExit {
    std::string text;
};  // --help, --version

using Command = std::variant<ProxyCommand, CheckCommand, VerifyCommand, ExplainCommand, LogCommand, CaCommand, PrintAndExit>;

// Throws UsageError: one line that names the option and what it takes. An option of the contract that is not built
// yet is refused as such.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace proxy
