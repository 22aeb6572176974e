#include "proxy/log_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proxy/settings.h"

namespace proxy {

namespace {

constexpr std::size_t most_queued = 16 << 20;

// False when the file takes no more; the reason is in errno.
bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
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

LogWriter::~LogWriter() {
    if (fd_ < 0) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    ::close(fd_);
}

void LogWriter::line(std::string text) {
    if (fd_ < 0) return;
    text += '\n';
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return queued_.size() < most_queued || stopping_; });
        queued_ += text;
    }
    changed_.notify_all();
}

void LogWriter::write_lines() {
    bool failing = false;
    for (;;) {
        std::string batch;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return !queued_.empty() || stopping_; });
            if (queued_.empty()) return;
            batch.swap(queued_);
        }
        changed_.notify_all();
        const bool written = write_all(fd_, batch);
        if (!written && !failing) say(fmt::format("whytls: the log cannot be written: {}; lines are lost until it can", std::strerror(errno)));
        failing = !written;
    }
}

void say(std::string line) {
    line += '\n';
    write_all(STDERR_FILENO, line);
}

}  // namespace proxy
