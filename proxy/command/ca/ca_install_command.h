// `whytls ca install`, `uninstall` and `rotate`: one line on stdout for each place, with what was
// done, or why not and the command for it.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/ca/ca_command.h"

namespace proxy {

// Each returns 0 when everything was done, 1 when something was left undone. Each throws StartError
// when the CA cannot be used.

// Makes the CA when there is none; removes those that it has replaced.
int install_ca(const CaCommand& command);
// Never makes a CA and needs no key. Removes the rotated CAs too.
int uninstall_ca(const CaCommand& command);
// Makes a new CA, and installs it where the old one was.
int rotate_ca(const CaCommand& command);

// Descriptions of the places that contain it and of those that do not. A place that cannot be asked
// is in neither.
struct Installed {
    std::vector<std::string> in, not_in;
};
Installed where_installed(const certs::Certificate& ca);

}  // namespace proxy
