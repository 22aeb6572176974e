// `whytls log …`: prints a proxy's log as a table, with the files that it was rotated into; or the
// flows of a recorded session.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "certs/time.h"
#include "inspect/flow/filter.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct LogCommand {
    std::vector<std::string> files;  // "-" is the standard input
    std::string record;              // in place of files: the directory of a recorded session
    bool failed = false;             // only failed handshakes and requests
    std::optional<HostPattern> host;
    std::variant<std::monostate, std::chrono::seconds, certs::Time> since;  // an age, counted back from now, or a time
    std::optional<inspect::Filter> filter;
    bool follow = false;  // go on with what is appended to the file; then there is only one
    bool json = false;
    bool har = false;  // of a recording
};

// Prints what matches, while it reads; when it follows, until it is ended. Reports on stderr when
// nothing does. Returns the exit code: 0 when every line was read, 1 when some could not be read
// (reported on stderr, with file and line), 2 when a file is no log at all (reported once). Throws
// UsageError for a file or a recording that cannot be opened.
int run_log_command(const LogCommand& command);

}  // namespace proxy
