// The files that a log consists of: the one that is written to, and those that it was rotated into.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace proxy {

// A file or a pipe that is read; closed at the end, but for the standard input.
class LogPart {
public:
    LogPart(std::string name, int fd) : name_(std::move(name)), fd_(fd) {}
    LogPart(LogPart&& other) noexcept : name_(std::move(other.name_)), fd_(std::exchange(other.fd_, -1)) {}
    LogPart& operator=(LogPart&& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~LogPart();

    const std::string& name() const { return name_; }
    int fd() const { return fd_; }

    // Whether it is the same file, whatever its name is now.
    bool same_file(const LogPart& other) const;
    // Whether it is the file that now has this name; nullopt when there is none.
    std::optional<bool> is_file(const std::string& name) const;
    // Whether less is left of the file than was read of it: its writer began it anew. What is read
    // next is then its beginning.
    bool begun_anew() const;

private:
    std::string name_;
    int fd_;
};

// Oldest first. All are opened before the first is read, the newest first. A rotation in between
// can show a file under two names, of which one is left out, but hides none. "-" is the standard
// input. Throws UsageError when there is nothing to read, or one cannot be opened.
std::vector<LogPart> log_parts(const std::string& file);

}  // namespace proxy
