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
    std::string ca_dir_;
    std::vector<std::string> only_;
    CaCommand::What what_ = CaCommand::What::show;
};

}  // namespace proxy
