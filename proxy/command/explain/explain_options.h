// The options of `whytls explain`, as CLI11 reads them.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/explain/explain_command.h"

namespace CLI {
class App;
}

namespace proxy {

class ExplainOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    ExplainCommand settle() const;

private:
    std::vector<std::string> codes_;
    std::string error_;
    bool has_error_ = false, list_ = false, json_ = false;
};

}  // namespace proxy
