// `whytls check HOST …`: one handshake to each, diagnosed and printed.
#pragma once

#include <vector>

#include "inspect/diagnosis/expectation.h"
#include "proxy/command/check/examine.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct CheckCommand {
    Settings settings;  // as far as they concern connections to servers
    Examination how;
    std::vector<Target> targets;
    std::vector<inspect::diagnosis::Expectation> expected;  // when there are any, these alone make a check fail
    bool json = false;
    bool all_addresses = false;  // each address of a name is checked by itself
    bool full = false;           // of every server all that was asked, also of one without fault, and of many
};

// Prints to stdout, in the order asked: of one target what is wrong, of several a line each and their number. Returns the exit code of contract §1. Throws UsageError before anything is
// printed.
int run_check_command(const CheckCommand& command);

}  // namespace proxy
