// The directory of the local CA.
#pragma once

#include <filesystem>
#include <string>

namespace proxy {

// Where the CA is: the value of --ca-dir, or else the default. Absolute, because it is shown to the
// user in commands to copy. Throws UsageError.
std::filesystem::path ca_directory(const std::string& given);

// The command that makes this machine trust the CA of that directory.
std::string install_command(const std::filesystem::path& ca_dir);

}  // namespace proxy
