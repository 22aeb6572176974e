#include "proxy/command/log/log_parts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proxy/log/log_file.h"
#include "proxy/settings/settings.h"

namespace proxy {

LogPart::~LogPart() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
}

bool LogPart::same_file(const LogPart& other) const {
    struct stat a{}, b{};
    return ::fstat(fd_, &a) == 0 && ::fstat(other.fd_, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::optional<bool> LogPart::is_file(const std::string& name) const {
    struct stat own{}, named{};
    if (::fstat(fd_, &own) != 0 || ::stat(name.c_str(), &named) != 0) return std::nullopt;
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

bool LogPart::begun_anew() const {
    struct stat status{};
    const off_t read = ::lseek(fd_, 0, SEEK_CUR);
    return read > 0 && ::fstat(fd_, &status) == 0 && status.st_size < read && ::lseek(fd_, 0, SEEK_SET) == 0;
}

std::vector<LogPart> log_parts(const std::string& file) {
    std::vector<LogPart> parts;
    if (file == "-") {
        parts.emplace_back("standard input", STDIN_FILENO);
        return parts;
    }
    int why = 0;
    for (unsigned number = 0; number <= most_rotated; ++number) {
        const std::string name = number == 0 ? file : rotated_name(file, number);
        LogPart part(name, ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status{};
        if (part.fd() < 0 || ::fstat(part.fd(), &status) != 0 || S_ISDIR(status.st_mode)) {
            const int error = part.fd() < 0 ? errno : EISDIR;
            if (why == 0 && (number == 0 || error != ENOENT)) why = error;
            if (error != ENOENT) break;
            continue;
        }
        const auto same = [&](const LogPart& other) { return other.same_file(part); };
        if (std::ranges::none_of(parts, same)) parts.push_back(std::move(part));
    }
    if (parts.empty() || (why != 0 && why != ENOENT)) throw UsageError(fmt::format("{}: {}", file, std::strerror(why)));
    std::ranges::reverse(parts);
    return parts;
}

}  // namespace proxy
