// Where log lines and stderr sentences go: lines travel through a queue to one writing thread, so that no event loop waits
// for a disk. Shared between threads.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace proxy {

class LogWriter {
public:
    // `target` is a path (appended to, made 0600), "-" for stdout, or "" for nowhere. Throws StartError that names it.
    explicit LogWriter(const std::string& target);
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter();  // writes what is queued

    bool enabled() const { return fd_ >= 0; }
    // Queues one line, without its end. Waits when 16 MiB are queued: a full disk slows the proxy and does not grow it.
    void line(std::string text);

private:
    void write_lines();

    int fd_ = -1;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string queued_;
    bool stopping_ = false;
    std::thread thread_;
};

// Prints one line to stderr in a single write.
void say(std::string line);

}  // namespace proxy
