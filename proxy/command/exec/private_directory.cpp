#include "proxy/command/exec/private_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <tuple>
#include <utility>

#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// Some variables hold several words, each quoted in another way; a path of these needs no quotes.
bool is_one_word(std::string_view path) {
    return path.starts_with('/') && std::ranges::all_of(path, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("/._-+@").contains(c);
           });
}

constexpr std::string_view prefix = "whytls-exec-", random_part = "XXXXXX";
// The file in it that says whose the directory is, and that is locked for as long as it is used. A
// process number would not do: it may be of another namespace.
constexpr const char* mark = ".in-use-by-whytls-exec";

// The lock of a directory of this user that is closed to others; `flags` are open(2)'s for the mark.
// -1 when another has it, or it is none such.
int lock_of(const std::string& path, int flags, int how) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0) return -1;
    struct stat status{};
    const bool own = ::fstat(directory, &status) == 0 && status.st_uid == ::geteuid() && (status.st_mode & 077) == 0;
    const int fd = own ? ::openat(directory, mark, flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600) : -1;
    ::close(directory);
    if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && ::flock(fd, how) == 0) return fd;
    if (fd >= 0) ::close(fd);
    return -1;
}

// Each is locked while it is removed: who has just made it, and waits for its lock, sees that it is
// gone and makes another.
void remove_leftovers(const char* parent) {
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator(parent, unreadable)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix) || name.size() != prefix.size() + random_part.size()) continue;
        const int lock = lock_of(entry.path().string(), 0, LOCK_EX | LOCK_NB);
        if (lock < 0) continue;
        std::error_code ignored;
        std::filesystem::remove_all(entry.path(), ignored);
        ::close(lock);
    }
}

// A directory in `parent` and its lock; "" with errno where none can be made. Without a lock it is
// never taken for left over.
std::pair<std::string, int> make_in(const char* parent) {
    for (;;) {
        std::string path = fmt::format("{}/{}{}", parent, prefix, random_part);
        if (::mkdtemp(path.data()) == nullptr) return {"", -1};
        const int lock = lock_of(path, O_CREAT | O_EXCL, LOCK_EX);
        struct stat status{};
        if (lock < 0 ? ::stat(path.c_str(), &status) == 0 : ::fstat(lock, &status) == 0 && status.st_nlink > 0)
            return {path, lock};
        if (lock >= 0) ::close(lock);
    }
}

}  // namespace

PrivateDirectory::PrivateDirectory() {
    int error = ENOENT;
    const std::array<const char*, 3> parents{std::getenv("TMPDIR"), std::getenv("XDG_RUNTIME_DIR"), "/tmp"};
    for (const char* parent : parents) {
        if (parent == nullptr || !is_one_word(parent)) continue;
        remove_leftovers(parent);
        std::tie(path_, lock_) = make_in(parent);
        if (!path_.empty()) return;
        error = errno;
    }
    throw StartError(fmt::format("exec: no directory for temporary files: {}; set TMPDIR to one that can be written to",
                                 std::strerror(error)));
}

void PrivateDirectory::write(std::string_view name, std::string_view content) const {
    const std::string path = fmt::format("{}/{}", path_, name);
    if (const auto slash = name.find('/'); slash != std::string_view::npos)
        ::mkdir(fmt::format("{}/{}", path_, name.substr(0, slash)).c_str(), 0700);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int error = fd < 0 ? errno : 0;
    while (error == 0 && !content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0 && errno != EINTR) error = errno;
        if (count > 0) content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (fd >= 0 && ::close(fd) != 0 && error == 0) error = errno;
    if (error != 0) throw StartError(fmt::format("exec: {}: {}", path, std::strerror(error)));
}

void PrivateDirectory::remove() {
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    path_.clear();
    if (lock_ >= 0) ::close(lock_);
    lock_ = -1;
}

}  // namespace proxy
