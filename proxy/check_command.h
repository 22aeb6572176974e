// `whytls check HOST …`: one handshake to each, diagnosed and printed.
#pragma once

#include <vector>

#include "inspect/diagnosis/expectation.h"
#include "proxy/examine.h"
#include "proxy/settings.h"

namespace proxy {

struct CheckCommand {
    Settings settings;  // as far as they concern connections to servers
    Examination how;
    std::vector<Target> targets;
    std::vector<inspect::diagnosis::Expectation> expected;  // when there are any, these alone make a check fail
    bool json = false;
    bool full = false;  // of a server without fault too, all that was asked
};

// Prints a report for each target to stdout, in the order asked. Returns the exit code of contract §1. Throws UsageError before anything is
// printed.
int run_check_command(const CheckCommand& command);

}  // namespace proxy
