// How certificates are judged: the options that every verifying command takes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "certs/profile.h"
#include "certs/time.h"

namespace CLI {
class App;
}

namespace proxy {

struct Judging {
    std::vector<std::filesystem::path> trust, add_trust;
    std::optional<certs::Time> at;
    certs::Profile profile = certs::Profile::client;
};

class JudgingOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    Judging settle() const;

private:
    std::vector<std::string> trust_, add_trust_;
    std::string at_, profile_ = "client";
};

}  // namespace proxy
