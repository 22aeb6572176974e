// The content of the files that a command's environment names. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.h"
#include "certs/time.h"
#include "certs/trust_store.h"
#include "proxy/command/exec/environment.h"

namespace proxy {

struct ExecFile {
    std::string name;  // of exec_file
    std::string content;
};

// Each of exec_file. Who trusts the bundle trusts what whytls trusts, so that hosts reached past it
// (--passthrough) are judged alike, and `authority`. `wgetrc` is the user's own.
std::vector<ExecFile> exec_files(const ExecPlace& place, const certs::TrustStore& trust,
                                 const certs::Certificate& authority, std::string_view wgetrc, certs::Time now);

// preload.cjs, as it is built in.
std::string_view node_preload();

}  // namespace proxy
