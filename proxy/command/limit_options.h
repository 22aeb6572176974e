// The options for how long the proxy waits for a client and a server, and how much it accepts from
// them.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class LimitOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    void settle(Settings& settings) const;

private:
    double response_timeout_ = 300, idle_timeout_ = 300;
    std::string max_header_ = "64K";
    unsigned max_connections_per_client_ = 4096;
};

}  // namespace proxy
