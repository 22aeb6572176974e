#include "proxy/log_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "inspect/report/escape.h"

namespace proxy {

namespace {

constexpr std::size_t most_queued = 16 << 20;

}  // namespace

LogWriter::LogWriter(const std::string& target, Rotation rotation) : file_(target, rotation), enabled_(file_.open()) {
    if (enabled_) thread_ = std::thread([this] { write_lines(); });
}

void LogWriter::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
    file_.close();
}

void LogWriter::line(std::string text) {
    if (!enabled_) return;
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
        const bool written = file_.write(batch, [&] { return !stopping_ || ++waits < last_waits; });
        if (!written && !failing)
            say(fmt::format("whytls: the log cannot be written: {}; lines are lost until it can", std::strerror(errno)));
        failing = !written;
        if (!written && stopping_) return;
    }
}

void say(std::string line) {
    constexpr std::size_t longest = 8192;  // bytes, above the longest path
    line = inspect::report::for_terminal(line, longest) + '\n';
    (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace proxy
