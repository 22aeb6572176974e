// What `whytls --version` prints: the version, the commit that it was built from, and the libraries
// that it runs with.
#pragma once

#include <string>

namespace proxy {

// The first line is "whytls X.Y.Z" and nothing else; the second names the commit, in a build from a
// git tree; then one line a library, its name and its version.
std::string version_text();

}  // namespace proxy
