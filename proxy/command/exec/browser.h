// Browsers read no variables: they are told by their command line and a profile of their own.
#pragma once

#include <string>
#include <vector>

#include "certs/authority.h"
#include "proxy/command/exec/environment.h"
#include "proxy/command/exec/exec_files.h"

namespace proxy {

struct BrowserPlan {
    std::vector<std::string> arguments;  // the command's, with what its browser needs
    std::vector<ExecFile> files;         // to be written before it is started
    // Programs with their arguments, to be run then, one after the other; without them the browser
    // does not trust the CA.
    std::vector<std::vector<std::string>> before;
};

// The plan for a command that is Chromium, or one of its kind, or Firefox, told by its name; of
// another the arguments as they are. A profile that the user has named stays the user's.
BrowserPlan browser_plan(const std::vector<std::string>& arguments, const ExecPlace& place,
                         const certs::Authority& authority);

}  // namespace proxy
