#include "proxy/command/exec/private_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

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

}  // namespace

PrivateDirectory::PrivateDirectory() {
    int error = ENOENT;
    const std::array<const char*, 3> parents{std::getenv("TMPDIR"), std::getenv("XDG_RUNTIME_DIR"), "/tmp"};
    for (const char* parent : parents) {
        if (parent == nullptr || !is_one_word(parent)) continue;
        std::string path = fmt::format("{}/whytls-exec-XXXXXX", parent);
        if (::mkdtemp(path.data()) != nullptr) {
            path_ = path;
            return;
        }
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
}

}  // namespace proxy
