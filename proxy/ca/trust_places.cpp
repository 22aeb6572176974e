#include "proxy/ca/trust_places.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace proxy {

namespace fs = std::filesystem;

namespace {

struct Row {
    const char* anchors;
    const char* program;
    const char* refresh;  // its argument, may be empty
    const char* rebuild;
};

// Debian's is last: anyone may have made a directory under /usr/local. Without --fresh it keeps
// links to files that are gone.
constexpr Row rows[] = {
    {"etc/pki/ca-trust/source/anchors", "update-ca-trust", "extract", "extract"},               // Fedora, RHEL
    {"etc/ca-certificates/trust-source/anchors", "trust", "extract-compat", "extract-compat"},  // Arch
    {"etc/pki/trust/anchors", "update-ca-certificates", "", ""},                                // openSUSE
    // Debian, Ubuntu, Alpine
    {"usr/local/share/ca-certificates", "update-ca-certificates", "", "--fresh"},
};

std::optional<fs::path> program_in(const fs::path& root, const char* name) {
    for (const char* folder : {"usr/sbin", "usr/bin", "sbin", "bin"}) {
        std::error_code ignored;
        if (fs::path file = root / folder / name; fs::exists(file, ignored)) return file;
    }
    return std::nullopt;
}

// The first two are the user's own; Chromium reads the first of them that exists (XDG's place since
// 2025).
constexpr std::array own_databases{".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb"};

bool is_real_directory(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(fs::symlink_status(path, ignored));
}

void add_database(std::vector<fs::path>& found, const fs::path& directory) {
    std::error_code ignored;
    if (is_real_directory(directory) && fs::is_regular_file(fs::symlink_status(directory / "cert9.db", ignored)))
        found.push_back(directory);
}

}  // namespace

std::optional<SystemStore> find_system_store(const fs::path& root) {
    for (const Row& row : rows) {
        const auto program = program_in(root, row.program);
        if (!program || !is_real_directory(root / row.anchors)) continue;
        SystemStore store{root / row.anchors, {program->string()}, {program->string()}};
        if (*row.refresh != '\0') store.refresh.emplace_back(row.refresh);
        if (*row.rebuild != '\0') store.rebuild.emplace_back(row.rebuild);
        return store;
    }
    return std::nullopt;
}

std::vector<fs::path> find_nss_databases(const fs::path& home) {
    std::vector<fs::path> found;
    for (const char* own : own_databases) add_database(found, home / own);
    for (const char* firefox : {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox",
                                ".var/app/org.mozilla.firefox/.mozilla/firefox"}) {
        std::error_code failed;
        for (fs::directory_iterator each(home / firefox, failed), end; !failed && each != end; each.increment(failed))
            add_database(found, each->path());
    }
    std::ranges::sort(found);
    return found;
}

std::optional<fs::path> missing_nss_database(const fs::path& home) {
    std::error_code ignored;
    for (const char* own : {own_databases[0], own_databases[1]}) {
        if (fs::exists(home / own / "cert9.db", ignored)) return std::nullopt;
    }
    return home / own_databases[0];
}

std::optional<JavaStore> find_java_store(const fs::path& java_home) {
    std::error_code ignored;
    for (const fs::path& home : {java_home, java_home / "jre"}) {
        JavaStore store{home / "bin/keytool", home / "lib/security/cacerts"};
        if (fs::exists(store.keytool, ignored) && fs::exists(store.cacerts, ignored)) return store;
    }
    return std::nullopt;
}

}  // namespace proxy
