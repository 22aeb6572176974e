// Where a CA can be installed on this machine: the system's store, by distribution, the NSS
// databases of browsers, Java's cacerts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace proxy {

// A directory from which the distribution builds its store, and the program that builds it, with
// its whole path.
struct SystemStore {
    std::filesystem::path anchors;
    std::vector<std::string> refresh;  // after something was added
    std::vector<std::string> rebuild;  // after something was removed
};

struct NssDatabase {
    std::filesystem::path directory;
    bool exists = true;  // false: a browser is installed that would read it
};

// A JDK's store: its keytool, and the file that its programs trust.
struct JavaStore {
    std::filesystem::path keytool, cacerts;
};

using TrustPlace = std::variant<SystemStore, NssDatabase, JavaStore>;

// The store of the system whose files are under `root` ("/"). It is recognised by its anchor
// directory and its program, both of which must be present. nullopt when there is no known store.
std::optional<SystemStore> find_system_store(const std::filesystem::path& root);

// Directories under `home` that contain an NSS database (cert9.db), sorted: the user's own, which
// Chromium reads, and the profiles of Firefox; those of snap and flatpak too. Does not follow
// symbolic links; skips what cannot be read.
std::vector<std::filesystem::path> find_nss_databases(const std::filesystem::path& home);

// Where Chromium would read its user's own database; nullopt when one is there.
std::optional<std::filesystem::path> missing_nss_database(const std::filesystem::path& home);

// The JDK, or JRE, in this directory. Java 8 has its files one level deeper.
std::optional<JavaStore> find_java_store(const std::filesystem::path& java_home);

}  // namespace proxy
