#include "proxy/key_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace proxy {

namespace {

// root, and whoever calls on it through sudo, read what they like.
bool is_stranger(uid_t owner) {
    const char* caller = ::geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
    return owner != ::geteuid() && owner != 0 && (caller == nullptr || fmt::format("{}", owner) != caller);
}

}  // namespace

std::optional<std::string> key_file_warning(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const bool open = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    if (!open && !is_stranger(status.st_uid)) return std::nullopt;
    return fmt::format("warning: {}: this private key {}", file.string(),
                       open ? "is readable by others (chmod 600 would end that)" : "belongs to another user, who can read it");
}

}  // namespace proxy
