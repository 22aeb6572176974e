// The options for what `whytls proxy` tells an OpenTelemetry collector, as CLI11 reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class OtlpOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    void settle(Settings& settings) const;

private:
    std::optional<std::string> url_;
    std::vector<std::string> headers_;
};

}  // namespace proxy
