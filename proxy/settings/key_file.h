// Whether a file that contains a private key is protected from other users, and a directory from
// being written by them. Only looks; the user decides what to do about it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// One line when another user can read the key: by its mode, or because the file belongs to that
// user. nullopt when none can, and when it is no file.
std::optional<std::string> key_file_warning(const std::filesystem::path& file);

// One line when another user can write to the directory, or replace it by writing to one above it:
// then that user decides which CA whytls uses. nullopt when none can, and where there is no
// directory.
std::optional<std::string> directory_warning(const std::filesystem::path& directory);

// Both, for a CA directory.
std::vector<std::string> ca_warnings(const std::filesystem::path& directory);

}  // namespace proxy
