#include "proxy/log/log_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "inspect/report/print/escape.h"

namespace proxy {

namespace {

// Enough to keep a burst of log lines; a user at a terminal has no use for more.
constexpr std::size_t most_queued_of_log = 16 << 20, most_queued_of_stderr = 1 << 20;

std::string for_stderr(std::string_view line) {
    constexpr std::size_t longest = 8192;  // bytes, more than the longest path
    return inspect::report::for_terminal(line, longest) + '\n';
}

}  // namespace

LogWriter::LogWriter(const std::string& target, Rotation rotation, Tell tell, const LogWords& words)
    : tell_(std::move(tell)),
      name_(words.name),
      file_(target, rotation, tell_, words),
      most_queued_(most_queued_of_log),
      enabled_(file_.open()) {
    start();
}

LogWriter::LogWriter(StandardError to)
    : name_(std::move(to.prefix)), file_(STDERR_FILENO), most_queued_(most_queued_of_stderr), enabled_(file_.open()) {
    start();
}

void LogWriter::start() {
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

void LogWriter::reopen() {
    {
        const std::lock_guard lock(mutex_);
        reopen_ = enabled_;
    }
    changed_.notify_one();
}

void LogWriter::line(std::string text) {
    if (!enabled_) return;
    if (tell_)
        text += '\n';
    else
        text = for_stderr(text.starts_with(name_) ? text : name_ + text);
    {
        const std::lock_guard lock(mutex_);
        if (queued_.size() + text.size() > most_queued_) {
            ++lost_;
            return;
        }
        queued_ += text;
    }
    changed_.notify_one();
}

void LogWriter::write_lines() {
    constexpr int last_waits = 10;  // tenths of a second, while the proxy is ending
    bool failing = false;
    for (int waits = 0;;) {
        std::string batch;
        std::uint64_t lost = 0;
        bool reopen = false;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return !queued_.empty() || stopping_ || reopen_; });
            if (queued_.empty() && !reopen_) return;
            reopen = std::exchange(reopen_, false);
            batch.swap(queued_);
            lost = std::exchange(lost_, 0);
        }
        if (lost > 0) tell_lost(batch, lost);
        const bool written = file_.write(batch, [&] { return !stopping_ || ++waits < last_waits; });
        if (!written && !failing && tell_)
            tell_(fmt::format("whytls: {} cannot be written: {}; lines are lost until it can", name_,
                              std::strerror(errno)));
        failing = !written;
        if (reopen && !file_.reopen() && tell_)
            tell_(fmt::format("whytls: {} cannot be opened again: {}; it goes on in the old file", name_,
                              std::strerror(errno)));
        if (!written && stopping_) return;
    }
}

// The lost lines came after those of the batch.
void LogWriter::tell_lost(std::string& batch, std::uint64_t lost) {
    if (tell_)
        tell_(fmt::format("whytls: the reader of {} is too slow: {} lines were lost", name_, lost));
    else
        batch += fmt::format("whytls: nothing read stderr for a while: {} lines were lost here\n", lost);
}

void say(std::string line) {
    line = for_stderr(line);
    (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace proxy
