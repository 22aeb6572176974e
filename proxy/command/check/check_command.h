// `whytls check HOST …`: one handshake to each, diagnosed and printed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inspect/diagnosis/expectation.h"
#include "proxy/command/check/examine.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct CheckCommand {
    Settings settings;  // as far as they concern connections to servers
    Examination how;
    std::vector<CheckTarget> targets;
    // Of a list, the lines that name no host: what is wrong with each, and where it is.
    std::vector<std::string> unread;
    // When there are any, only these make a check fail.
    std::vector<inspect::diagnosis::Expectation> expected;
    bool json = false;
    std::size_t parallel = 16;   // servers at a time
    bool all_addresses = false;  // each address of a name is checked separately
    // Everything that was asked, for every server: also for one without fault, and for many.
    bool full = false;
    bool scan = false;           // what each server supports is found out too, one server after the other
    std::string scan_page = {};  // the file that the scans are written to as a page; "" writes none
};

// Prints to stdout, in the order asked, each as soon as it and all before it are known: for one
// target what is wrong, for several a line each and their number. Returns the exit code of contract
// §1. Throws UsageError before anything is printed. Interrupted, it prints all that is known, and
// ends by that signal.
int run_check_command(const CheckCommand& command);

}  // namespace proxy
