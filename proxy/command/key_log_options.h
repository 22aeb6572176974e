// The option for the key log, which `proxy` and `check` share, as CLI11 reads it.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class KeyLogOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Reads $SSLKEYLOGFILE where the option is absent. Adds a warning of what the file gives away,
    // and of who can read it. Throws UsageError.
    void settle(Settings& settings) const;

private:
    std::optional<std::string> file_;
};

}  // namespace proxy
