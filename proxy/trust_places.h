// Where a CA can be installed on this machine: the system's store, by distribution, and the NSS databases of browsers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// A directory from which the distribution builds its store, and the program, without a shell, that builds it.
struct SystemStore {
    std::filesystem::path anchors;
    std::vector<std::string> refresh;
};

// The store of the system whose files are under `root` ("/"): known by its anchor directory and its program, both present.
// Nothing when there is no store that we know.
std::optional<SystemStore> find_system_store(const std::filesystem::path& root);

// Directories under `home` that hold an NSS database (cert9.db), sorted: the user's own, which Chromium reads, and the profiles of
// Firefox; those of snap and flatpak too. Symbolic links are not followed; what cannot be read is passed over.
std::vector<std::filesystem::path> find_nss_databases(const std::filesystem::path& home);

}  // namespace proxy
