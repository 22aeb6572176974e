// The options of `whytls verify`, as CLI11 reads them.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/judging_options.h"
#include "proxy/command/verify/verify_command.h"

namespace CLI {
class App;
}

namespace proxy {

class VerifyOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    VerifyCommand settle() const;

private:
    JudgingOptions judging_;
    std::vector<std::string> chains_, untrusted_, crl_, ocsp_;
    std::string host_;
    bool has_host_ = false, until_breaks_ = false, json_ = false;
};

}  // namespace proxy
