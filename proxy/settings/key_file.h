// Whether a file that contains keys is protected from other users, and a directory from
// being written by them. Only looks; the user decides what to do about it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// One line when another user can read the key: by its mode, or because the file belongs to that
// user. nullopt when none can, and when it is no file. The line calls it `what`.
std::optional<std::string> key_file_warning(const std::filesystem::path& file, std::string_view what = "private key");

// One line when another user can write to the directory, or replace it by writing to one above it:
// then that user decides which CA whytls uses. nullopt when none can, and where there is no
// directory.
std::optional<std::string> directory_warning(const std::filesystem::path& directory);

// Both, for a CA directory.
std::vector<std::string> ca_warnings(const std::filesystem::path& directory);

}  // namespace proxy
