// The trust store that the options ask for.
#pragma once

#include <filesystem>
#include <vector>

#include "certs/trust_store.h"

namespace proxy {

// The anchors of `instead`, or the system's when it is empty, and those of `added`. Throws
// UsageError.
certs::TrustStore load_trust(const std::vector<std::filesystem::path>& instead,
                             const std::vector<std::filesystem::path>& added);

}  // namespace proxy
