// Where log lines and stderr sentences go: lines travel through a queue to one writing thread, so that no event loop waits
// for a disk. Shared between threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "proxy/log_file.h"

namespace proxy {

class LogWriter {
public:
    // `target` as LogFile takes it. Throws StartError that names it.
    explicit LogWriter(const std::string& target, Rotation rotation = {});
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter() { finish(); }

    // Writes what is queued and closes the file; lines that come later are lost.
    void finish();

    bool enabled() const { return enabled_; }
    // Queues one line, without its end. Never waits: with 16 MiB queued for a reader that is too slow, lines are lost and counted.
    void line(std::string text);

private:
    void write_lines();

    LogFile file_;  // the thread's, while that runs
    bool enabled_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string queued_;
    std::atomic<bool> stopping_ = false;
    std::uint64_t lost_ = 0;
    std::thread thread_;
};

// Prints one line to stderr in a single write, safe for a terminal whatever is in it.
void say(std::string line);

}  // namespace proxy
