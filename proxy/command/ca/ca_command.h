// `whytls ca show` and `whytls ca export`, and the values that all `ca` commands take.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "certs/authority.h"

namespace proxy {

// Kinds of places where a CA can be installed.
struct TrustKinds {
    bool system = true, nss = true, java = true;
};

// What `ca issue` is to make.
struct IssueOrder {
    std::vector<std::string> names;  // as certs::server_name() gives them, each once, at least one
    std::filesystem::path out;       // the directory for the files, absolute
    int days = 0;                    // from now on
};

struct CaCommand {
    enum class What { show, export_certificate, issue, install, uninstall, rotate } what = What::show;
    std::filesystem::path ca_dir;
    TrustKinds only = {};
    IssueOrder order = {};
};

// Prints to stdout. export and issue make the CA when there is none, show does not. Returns the
// exit code. Throws StartError.
int run_ca_command(const CaCommand& command);

// Opens the CA, or makes it and says so on stderr, with what is wrong with its files' modes. Throws
// StartError.
certs::Authority open_or_make_ca(const std::filesystem::path& ca_dir);

// A fingerprint with colons, as openssl and browsers show it.
std::string spaced_fingerprint(const certs::Certificate& certificate);

}  // namespace proxy
