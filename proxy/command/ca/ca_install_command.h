// `whytls ca install`, `uninstall` and `rotate`: one line on stdout for each place, what was done or why not, and the command for it.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/ca/ca_command.h"

namespace proxy {

// Each returns 0 when all was done, 1 when something was left undone. They throw StartError when the CA cannot be used.

// Makes the CA when there is none; takes those out that it has replaced.
int install_ca(const CaCommand& command);
// Never makes a CA and needs no key. Those that were rotated away go too.
int uninstall_ca(const CaCommand& command);
// A new CA, installed where the old one was.
int rotate_ca(const CaCommand& command);

// Descriptions of the places that hold it.
std::vector<std::string> installed_in(const certs::Certificate& ca);

}  // namespace proxy
