// The running proxy: its event loops, its listeners, its shutdown.
#pragma once

#include "proxy/settings/settings.h"

namespace proxy {

// Serves until SIGINT or SIGTERM; then stops as contract §1 describes. Throws UsageError and
// StartError before it serves.
void serve(const Settings& settings);

}  // namespace proxy
