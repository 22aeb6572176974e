// What `whytls exec` takes beside the proxy's options, and where on a command line its command begins.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/exec/exec_command.h"

namespace CLI {
class App;
}

namespace proxy {

// The words of a command line before exec's command, and that command.
struct SplitLine {
    std::vector<const char*> ours;     // with the program's name
    std::vector<std::string> command;  // empty when exec is not what the line asks for
};

// exec's command begins after the first "--", or with the first word that is no option of `exec` and
// no option's value. A line that asks for another command of `program` is left whole.
SplitLine split_line(const CLI::App& program, const CLI::App& exec, int argc, const char* const* argv);

class ExecOptions {
public:
    // Must outlive the parsing. `app` has the options of the proxy that exec takes.
    void add_to(CLI::App& app);
    // `settings` are the proxy's; those that exec decides are changed in them. Throws UsageError.
    ExecCommand settle(Settings settings, std::vector<std::string> command) const;

private:
    std::vector<std::string> print_env_;
    bool fail_on_tls_ = false, all_ = false;
    CLI::App* app_ = nullptr;
};

}  // namespace proxy
