// The options of `whytls ca …`, as CLI11 reads them.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "proxy/ca_command.h"

namespace CLI {
class App;
}

namespace proxy {

// Where the CA lives: what --ca-dir says, else the default. Absolute, because it is shown to the user in commands to copy.
// Throws UsageError.
std::filesystem::path ca_directory(const std::string& given);

// The command that makes this machine trust the CA of that directory.
std::string install_command(const std::filesystem::path& ca_dir);

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
