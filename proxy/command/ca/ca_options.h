// The options of `whytls ca …`, as CLI11 reads them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "proxy/command/ca/ca_command.h"

namespace CLI {
class App;
}

namespace proxy {

class CaOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    CaCommand settle() const;

private:
    void add_issue_options(CLI::App& command);
    IssueOrder settle_order() const;

    std::string ca_dir_;
    std::vector<std::string> only_;
    std::vector<std::string> names_;
    std::string out_, days_;
    CaCommand::What what_ = CaCommand::What::show;
};

}  // namespace proxy
