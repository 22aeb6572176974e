// Where log lines and stderr sentences go: a queue leads to one writing thread, so that no event
// loop waits for a disk. Shared between threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "proxy/log/log_file.h"

namespace proxy {

// Prints one line to stderr in a single write, safe for a terminal whatever it contains. Waits for
// the reader of stderr; so while a proxy serves, its lines go through Services::say.
void say(std::string line);

// A log or stderr, with a queue before it.
class LogWriter {
public:
    struct StandardError {
        std::string prefix = {};  // of each line, where another program writes there too
    };

    // `target` and `words` as in LogFile. Throws UsageError, which names it. Reports trouble with it
    // through `tell`.
    explicit LogWriter(const std::string& target, Rotation rotation = {}, Tell tell = say, const LogWords& words = {});
    // Writes to stderr. Lost lines are reported there, once it is read again.
    explicit LogWriter(StandardError);
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter() { finish(); }

    // Writes what is queued and closes the file. Later lines are lost.
    void finish();

    // Writes what is queued, then LogFile::reopen().
    void reopen();

    bool enabled() const { return enabled_; }
    // Queues one line, without its end. Never waits: when 16 MiB (for stderr 1 MiB) are queued for
    // a reader that is too slow, lines are lost and counted.
    void line(std::string text);

private:
    void start();
    void write_lines();
    void tell_lost(std::string& batch, std::uint64_t lost);

    const Tell tell_;         // empty for stderr
    const std::string name_;  // in messages; of stderr the prefix
    LogFile file_;            // used only by the thread while it runs
    const std::size_t most_queued_;
    bool enabled_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string queued_;
    std::atomic<bool> stopping_ = false;
    std::uint64_t lost_ = 0;
    bool reopen_ = false;
    std::thread thread_;
};

}  // namespace proxy
