// The options about connecting to servers and judging them, which `proxy` and `check` share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/command/client_certificate_options.h"
#include "proxy/command/judging_options.h"

namespace proxy {

struct Settings;

class ConnectionOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    void settle(Settings& settings) const;

private:
    JudgingOptions judging_;
    ClientCertificateOptions client_certificates_;
    std::vector<std::string> resolve_;
    std::string upstream_proxy_;
    std::optional<std::string> no_proxy_;  // replaces the environment's
    std::string tls_min_ = "1.2", tls_max_ = "1.3", revocation_ = "staple", aia_ = "on", experiments_ = "on";
    double connect_timeout_ = 10, handshake_timeout_ = 10;
};

// Makes the proxy that other programs find in the environment the parent, where no parent was given
// and its variable can be read; NO_PROXY's hosts are exempt.
void use_parent_of_environment(Settings& settings);

}  // namespace proxy
