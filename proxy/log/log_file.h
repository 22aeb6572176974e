// The file of --log: whole lines are appended. A file that has reached its size becomes FILE.1, the
// one before it FILE.2, and so on. Knows nothing of queues and threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "proxy/settings/settings.h"

namespace proxy {

// What messages call a file, and the option that named it.
struct LogWords {
    std::string option = "--log", name = "the log";
};

// Reports trouble with a file; called by the thread that writes to it.
using Tell = std::function<void(std::string)>;

// FILE.1 is the newest rotated file.
std::string rotated_name(const std::string& file, unsigned number);

class LogFile {
public:
    // `target` is a path (appended to, made 0600), "-" for stdout, or "" for nowhere. Pipes and
    // devices are never rotated. Throws UsageError.
    LogFile(const std::string& target, Rotation rotation, Tell tell = {}, LogWords words = {});
    // Writes to what that descriptor refers to. It is never rotated, and no write waits for it.
    explicit LogFile(int descriptor);
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() { close(); }

    bool open() const { return fd_ >= 0; }
    void close();

    // Continues in the file that now has its name, and creates it if there is none: an external
    // rotation has moved this one away. Not for stdout, pipes and devices. False when that file
    // cannot be opened, with the reason in errno; then this one stays.
    bool reopen();

    // Appends lines, each with its end. Waits for a pipe that no one reads as long as `wait()`
    // says. False when not all was written, with the reason in errno.
    template <class Wait>
    bool write(std::string_view lines, Wait wait) {
        while (!lines.empty()) {
            const std::string_view part = fitting(lines);
            if (!write_all(part, wait)) return false;
            lines.remove_prefix(part.size());
        }
        return true;
    }

private:
    std::string_view fitting(std::string_view lines);
    bool write_some(std::string_view& text);
    bool ready() const;
    void end_half_line();
    void rotate();
    bool replace();

    template <class Wait>
    bool write_all(std::string_view text, Wait wait) {
        end_half_line();
        while (!text.empty()) {
            if (ready() ? !write_some(text) : !wait()) return false;
        }
        return true;
    }

    std::string path_;
    LogWords words_;
    Rotation rotation_;
    Tell tell_;
    int fd_ = -1;
    bool regular_ = false;
    bool named_ = false;  // a regular file, given by its path
    // What was written last is no whole line: an earlier run was cut off, or the disk was full.
    bool half_line_ = false;
    bool rotating_ = false;        // a regular file with a limit
    bool stuck_ = false;           // the last rotation failed
    std::uint64_t size_ = 0;       // of a file that is rotated
    std::uint64_t rotate_at_ = 0;  // the size at which it is rotated
};

}  // namespace proxy
