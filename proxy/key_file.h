// Whether a file that holds a private key is kept from other users. Only looks; what to do about it is the user's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace proxy {

// One line when another user can read the key: by its mode, or because the file is that user's. nullopt when none can,
// and of what is no file.
std::optional<std::string> key_file_warning(const std::filesystem::path& file);

}  // namespace proxy
