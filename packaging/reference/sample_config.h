// whytls.toml, the commented configuration file of the user service.
#pragma once

#include <string>

#include "proxy/command/reference/reference.h"

namespace packaging {

// Each option that a configuration file may give to `command`, with what it does and its default as
// value, or what it takes where it has none. All of it is commented out.
std::string sample_config(const proxy::CommandReference& command);

}  // namespace packaging
