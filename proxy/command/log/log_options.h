// The options of `whytls log`, as CLI11 reads them.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/log/log_command.h"

namespace CLI {
class App;
}

namespace proxy {

class LogOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    LogCommand settle() const;

private:
    std::vector<std::string> files_;
    std::string record_, host_, since_, filter_;
    bool failed_ = false, follow_ = false, json_ = false, har_ = false;
};

}  // namespace proxy
