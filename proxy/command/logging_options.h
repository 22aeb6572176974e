// The options for what `whytls proxy` writes to its log and records, and how much of it, as CLI11
// reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/log/log_file.h"

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class LoggingOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    void settle(Settings& settings) const;

private:
    std::string log_, max_size_ = "100M", body_limit_ = "1M", har_;
    std::optional<std::string> record_;
    unsigned keep_ = Rotation{}.keep;
    bool secrets_ = false;
    std::vector<std::string> redact_;
};

}  // namespace proxy
