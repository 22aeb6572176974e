// --client-cert, --client-key and --client-key-password: the certificate that whytls shows to
// servers that ask for it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace proxy {

struct Settings;

class ClientCertificateOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Reads the files. Throws UsageError; what is only unusual becomes a warning.
    void settle(Settings& settings) const;

private:
    std::vector<std::string> certificates_, keys_;
    std::string password_;
};

// Adds warnings about the certificates that --revocation or --insecure, both settled, withhold from
// servers.
void warn_of_withheld(Settings& settings);

}  // namespace proxy
