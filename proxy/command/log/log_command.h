// `whytls log …`: a proxy's log read back, with the files that it was rotated into, as a table.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "certs/time.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct LogCommand {
    std::vector<std::string> files;  // "-" is the standard input
    bool failed = false;             // failed handshakes and requests alone
    std::optional<HostPattern> host;
    std::variant<std::monostate, std::chrono::seconds, certs::Time> since;  // before now, or a time
    bool json = false;
};

// Prints what matches, as it reads; that nothing does is told on stderr. The exit code: 0 every line was read, 1 some could not be read (told on stderr, by file and line), 2 a file
// is no log at all (told once).
// Throws UsageError for a file that cannot be opened.
int run_log_command(const LogCommand& command);

}  // namespace proxy
