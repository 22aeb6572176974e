// `whytls ca show` and `whytls ca export`.
#pragma once

#include "proxy/options.h"

namespace proxy {

// Prints to stdout; makes the CA when there is none. Throws StartError.
void run_ca_command(const CaCommand& command);

}  // namespace proxy
