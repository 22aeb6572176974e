#include "proxy/trust_places.h"

#include <algorithm>
#include <system_error>

namespace proxy {

namespace fs = std::filesystem;

namespace {

struct Row {
    const char* anchors;
    const char* program;
    const char* argument;  // may be empty
};

// Debian's last: anyone may have made a directory under /usr/local.
constexpr Row rows[] = {
    {"etc/pki/ca-trust/source/anchors", "update-ca-trust", "extract"},        // Fedora, RHEL
    {"etc/ca-certificates/trust-source/anchors", "trust", "extract-compat"},  // Arch
    {"etc/pki/trust/anchors", "update-ca-certificates", ""},                  // openSUSE
    {"usr/local/share/ca-certificates", "update-ca-certificates", ""},        // Debian, Ubuntu, Alpine
};

bool has_program(const fs::path& root, const char* name) {
    std::error_code ignored;
    return std::ranges::any_of(std::initializer_list<const char*>{"usr/sbin", "usr/bin", "sbin", "bin"},
                               [&](const char* folder) { return fs::exists(root / folder / name, ignored); });
}

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
        if (!is_real_directory(root / row.anchors) || !has_program(root, row.program)) continue;
        SystemStore store{root / row.anchors, {row.program}};
        if (*row.argument != '\0') store.refresh.emplace_back(row.argument);
        return store;
    }
    return std::nullopt;
}

std::vector<fs::path> find_nss_databases(const fs::path& home) {
    std::vector<fs::path> found;
    for (const char* own : {".pki/nssdb", "snap/chromium/current/.pki/nssdb"}) add_database(found, home / own);
    for (const char* firefox :
         {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox"}) {
        std::error_code failed;
        for (fs::directory_iterator each(home / firefox, failed), end; !failed && each != end; each.increment(failed))
            add_database(found, each->path());
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace proxy
