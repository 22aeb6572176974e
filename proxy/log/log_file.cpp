#include "proxy/log/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "proxy/settings/settings.h"

namespace proxy {

namespace {

int open_log(const std::string& path, int flags) {
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | flags, 0600);
}

bool is_regular(int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// A stopped terminal takes less than a whole write. A descriptor can be made non-blocking only when
// the terminal is opened anew, for the flags of the given descriptor are shared with other
// programs.
int open_writer(int descriptor) {
    const char* const terminal = ::isatty(descriptor) == 1 ? ::ttyname(descriptor) : nullptr;
    const int fresh = terminal == nullptr ? -1 : ::open(terminal, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fresh >= 0 ? fresh : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

// A symbolic link is followed, so that the file is renamed and not the link to it.
std::string real_path(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? path : real.string();
}

bool ends_inside_line(const std::string& path, off_t size) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char last = '\n';
    (void)!::pread(fd, &last, 1, size - 1);
    ::close(fd);
    return last != '\n';
}

}  // namespace

std::string rotated_name(const std::string& file, unsigned number) { return fmt::format("{}.{}", file, number); }

LogFile::LogFile(const std::string& target, Rotation rotation, Tell tell, LogWords words)
    : path_(target), words_(std::move(words)), rotation_(rotation), tell_(std::move(tell)) {
    if (target.empty()) return;
    // It does not wait for a pipe without a reader (ENXIO). A pipe with a reader is written to like
    // a file.
    fd_ = target == "-" ? ::dup(STDOUT_FILENO) : open_log(target, O_NONBLOCK);
    if (fd_ < 0 && errno == ENXIO)
        throw UsageError(
            fmt::format("{} {}: no program reads that pipe: start its reader first", words_.option, target));
    if (fd_ >= 0 && target != "-") ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
    if (fd_ < 0) throw UsageError(fmt::format("{} {}: {}", words_.option, target, std::strerror(errno)));
    struct stat status{};
    regular_ = ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    // The file that stdout refers to is not ours to rename, under any name.
    if (!regular_ || target == "-" || target.starts_with("/dev/") || target.starts_with("/proc/")) return;
    path_ = real_path(target);
    named_ = true;
    half_line_ = status.st_size > 0 && ends_inside_line(path_, status.st_size);
    rotating_ = rotation_.max_size > 0;
    size_ = static_cast<std::uint64_t>(status.st_size);
    rotate_at_ = rotation_.max_size;
}

LogFile::LogFile(int descriptor) : fd_(open_writer(descriptor)), regular_(is_regular(descriptor)) {}

void LogFile::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool LogFile::reopen() {
    if (!named_) return true;
    const int fd = open_log(path_, O_NONBLOCK);  // does not wait when a pipe has that name
    struct stat status{};
    if (fd < 0 || ::fstat(fd, &status) != 0) return false;
    if (!S_ISREG(status.st_mode)) {
        ::close(fd);
        errno = EEXIST;
        return false;
    }
    close();
    fd_ = fd;
    size_ = static_cast<std::uint64_t>(status.st_size);
    rotate_at_ = rotation_.max_size;
    half_line_ = status.st_size > 0 && ends_inside_line(path_, status.st_size);
    return true;
}

// The lines that still fit into this file; it is rotated first if the first line does not fit. A
// line longer than a file has a file to itself.
std::string_view LogFile::fitting(std::string_view lines) {
    if (!rotating_) return lines;
    const auto first = std::min(lines.find('\n'), lines.size() - 1) + 1;
    if (size_ > 0 && size_ + first > rotate_at_) rotate();
    const std::uint64_t room = rotate_at_ > size_ ? rotate_at_ - size_ : 0;
    if (lines.size() <= room) return lines;
    const auto end = lines.substr(0, room).rfind('\n');
    return lines.substr(0, end == std::string_view::npos ? first : end + 1);
}

// A pipe that polls as writable takes PIPE_BUF bytes without blocking; a file never blocks.
bool LogFile::ready() const {
    pollfd poll{fd_, POLLOUT, 0};
    constexpr int patience = 100;  // milliseconds
    if (regular_ || ::poll(&poll, 1, patience) != 0) return true;
    errno = EAGAIN;
    return false;
}

bool LogFile::write_some(std::string_view& text) {
    const ssize_t size =
        ::write(fd_, text.data(), regular_ ? text.size() : std::min<std::size_t>(text.size(), PIPE_BUF));
    if (size <= 0) return size < 0 && (errno == EINTR || errno == EAGAIN);
    half_line_ = text[static_cast<std::size_t>(size) - 1] != '\n';
    size_ += static_cast<std::uint64_t>(size);
    text.remove_prefix(static_cast<std::size_t>(size));
    return true;
}

void LogFile::end_half_line() {
    std::string_view end = "\n";
    if (half_line_ && regular_) (void)write_some(end);
}

void LogFile::rotate() {
    if (replace()) {
        size_ = 0;
        rotate_at_ = rotation_.max_size;
        stuck_ = false;
        return;
    }
    if (!std::exchange(stuck_, true) && tell_)
        tell_(fmt::format("whytls: {} cannot be rotated: {}: {}; it grows on, and that is tried again", words_.name,
                          path_, std::strerror(errno)));
    rotate_at_ = size_ + rotation_.max_size;
}

// The new file comes first, so that after any failure the old one stays in use.
bool LogFile::replace() {
    const std::string fresh = path_ + ".new";
    const int fd = open_log(fresh, O_TRUNC | O_NOFOLLOW | O_NONBLOCK);  // does not wait when a pipe has that name
    if (fd < 0) return false;
    if (!is_regular(fd)) {
        ::close(fd);
        errno = EEXIST;
        return false;
    }
    for (unsigned beyond = rotation_.keep + 1; ::unlink(rotated_name(path_, beyond).c_str()) == 0;) ++beyond;
    for (unsigned number = rotation_.keep; number > 1; --number)
        (void)std::rename(rotated_name(path_, number - 1).c_str(), rotated_name(path_, number).c_str());
    const bool kept =
        rotation_.keep == 0 || std::rename(path_.c_str(), rotated_name(path_, 1).c_str()) == 0 || errno == ENOENT;
    if (!kept || std::rename(fresh.c_str(), path_.c_str()) != 0) {
        const int why = errno;
        ::close(fd);
        ::unlink(fresh.c_str());
        errno = why;
        return false;
    }
    ::close(std::exchange(fd_, fd));
    return true;
}

}  // namespace proxy
