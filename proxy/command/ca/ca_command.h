// `whytls ca show` and `whytls ca export`, and the values that all `ca` commands take.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "certs/certificate.h"

namespace proxy {

// Kinds of places where a CA can be installed.
struct TrustKinds {
    bool system = true, nss = true, java = true;
};

struct CaCommand {
    enum class What { show, export_certificate, install, uninstall, rotate } what = What::show;
    std::filesystem::path ca_dir;
    TrustKinds only = {};
};

// Prints to stdout. export makes the CA when there is none, show does not. Returns the exit code.
// Throws StartError.
int run_ca_command(const CaCommand& command);

// A fingerprint with colons, as openssl and browsers show it.
std::string spaced_fingerprint(const certs::Certificate& certificate);

}  // namespace proxy
