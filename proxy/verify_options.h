// The options of `whytls verify`, as CLI11 reads them.
#pragma once

#include <string>
#include <vector>

#include "proxy/verify_command.h"

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
    std::vector<std::string> chains_, trust_, add_trust_, untrusted_, crl_, ocsp_;
    std::string host_, at_, profile_ = "client";
    bool has_host_ = false, until_breaks_ = false, json_ = false;
};

}  // namespace proxy
