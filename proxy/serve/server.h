// The running proxy: its event loops, its listeners, its end.
#pragma once

#include "proxy/settings/settings.h"

namespace proxy {

// Serves until SIGINT or SIGTERM; then as contract §1 has it. Throws UsageError and StartError before it serves.
void serve(const Settings& settings);

}  // namespace proxy
