#include "proxy/settings/key_file.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace proxy {

namespace {

// root, and whoever becomes root through sudo, may read everything.
bool is_stranger(uid_t owner) {
    const char* caller = ::geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
    return owner != ::geteuid() && owner != 0 && (caller == nullptr || fmt::format("{}", owner) != caller);
}

// False for root's group, and for one that only this user is in. Many systems give each user such a
// group (and make files writable for it by default).
bool is_shared(gid_t id) {
    const group* const found = ::getgrgid(id);
    if (!found) return true;
    const passwd* const user = ::getpwuid(::geteuid());
    const std::string own = user ? user->pw_name : "";
    for (char** member = found->gr_mem; *member != nullptr; ++member)
        if (*member != own) return true;
    return id != 0 && found->gr_name != own;
}

// What lets other users write to a directory, or replace its content; "" when nothing does. In a
// sticky directory (such as /tmp) each entry belongs to its owner; but what is missing in the CA's
// own directory could be put there.
std::string opening(const struct stat& status, bool itself) {
    if (is_stranger(status.st_uid)) return "belongs to another user, who decides what is in it";
    const bool sticky = (status.st_mode & S_ISVTX) != 0 && !itself;
    const bool open = (status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && is_shared(status.st_gid));
    return open && !sticky ? "can be written to by others (chmod go-w would end that)" : "";
}

}  // namespace

std::optional<std::string> key_file_warning(const std::filesystem::path& file, std::string_view what) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const bool open = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    if (!open && !is_stranger(status.st_uid)) return std::nullopt;
    return fmt::format(
        "warning: {}: this {} {}", file.string(), what,
        open ? "is readable by others (chmod 600 would end that)" : "belongs to another user, who can read it");
}

std::optional<std::string> directory_warning(const std::filesystem::path& directory) {
    std::error_code error;
    const auto real = std::filesystem::canonical(directory, error);
    if (error) return std::nullopt;
    for (auto each = real;; each = each.parent_path()) {
        struct stat status{};
        const std::string why = ::stat(each.c_str(), &status) == 0 ? opening(status, each == real) : "";
        if (!why.empty())
            return fmt::format("warning: {}: this directory {}; they could put another CA into {}", each.string(), why,
                               directory.string());
        if (each == each.parent_path()) return std::nullopt;
    }
}

std::vector<std::string> ca_warnings(const std::filesystem::path& directory) {
    std::vector<std::string> warnings;
    if (auto key = key_file_warning(directory / "ca-key.pem")) warnings.push_back(*std::move(key));
    if (auto writable = directory_warning(directory)) warnings.push_back(*std::move(writable));
    return warnings;
}

}  // namespace proxy
