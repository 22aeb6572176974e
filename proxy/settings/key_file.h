// Whether a file that holds a private key is kept from other users, and a directory from their writing. Only looks; what to do about it is the user's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// One line when another user can read the key: by its mode, or because the file is that user's. nullopt when none can,
// and of what is no file.
std::optional<std::string> key_file_warning(const std::filesystem::path& file);

// One line when another user can write to the directory, or put another one in its place by writing to one above it: then that user decides
// which CA whytls uses. nullopt when none can, and where there is no directory.
std::optional<std::string> directory_warning(const std::filesystem::path& directory);

// Both, of a CA directory.
std::vector<std::string> ca_warnings(const std::filesystem::path& directory);

}  // namespace proxy
