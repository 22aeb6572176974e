#include "proxy/log_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "proxy/settings.h"

namespace proxy {

namespace {

constexpr std::size_t most_queued = 16 << 20;

// Writes all of it. A pipe that nobody reads is waited for as long as `wait()` says; false when it gave up or the file takes
// no more, with the reason in errno.
template <class Wait>
bool write_all(int fd, std::string_view text, Wait wait) {
    struct stat status{};
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking; a file never blocks.
    const bool file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    while (!text.empty()) {
        pollfd poll{fd, POLLOUT, 0};
        if (!file && ::poll(&poll, 1, 100) == 0) {
            errno = EAGAIN;
            if (!wait()) return false;
            continue;
        }
        const ssize_t size = ::write(fd, text.data(), file ? text.size() : std::min<std::size_t>(text.size(), PIPE_BUF));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

LogWriter::LogWriter(const std::string& target) {
    if (target.empty()) return;
    fd_ = target == "-" ? ::dup(STDOUT_FILENO) : ::open(target.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) throw StartError(fmt::format("--log {}: {}", target, std::strerror(errno)));
    thread_ = std::thread([this] { write_lines(); });
}

void LogWriter::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
    ::close(fd_);
}

void LogWriter::line(std::string text) {
    if (fd_ < 0) return;
    text += '\n';
    {
        const std::lock_guard lock(mutex_);
        if (queued_.size() + text.size() > most_queued) {
            ++lost_;
            return;
        }
        queued_ += text;
    }
    changed_.notify_one();
}

void LogWriter::write_lines() {
    constexpr int last_waits = 10;  // tenths of a second, once the proxy is ending
    bool failing = false;
    for (int waits = 0;;) {
        std::string batch;
        std::uint64_t lost = 0;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return !queued_.empty() || stopping_; });
            if (queued_.empty()) return;
            batch.swap(queued_);
            lost = std::exchange(lost_, 0);
        }
        if (lost > 0) say(fmt::format("whytls: the log's reader is too slow: {} lines were lost", lost));
        const bool written = write_all(fd_, batch, [&] { return !stopping_ || ++waits < last_waits; });
        if (!written && !failing)
            say(fmt::format("whytls: the log cannot be written: {}; lines are lost until it can", std::strerror(errno)));
        failing = !written;
        if (!written && stopping_) return;
    }
}

void say(std::string line) {
    line += '\n';
    (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace proxy
