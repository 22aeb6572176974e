// A file read line by line, as it comes, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proxy {

class LineReader {
public:
    struct Line {
        std::string_view text;  // without its end; until the next call; "" when it is too long
        bool ended = false;     // by a line end: false of a last line that was cut off
        bool too_long = false;
    };

    // The descriptor stays the caller's; it blocks. Lines of more than `longest` bytes are skipped, but counted.
    LineReader(int fd, std::size_t longest) : fd_(fd), longest_(longest) {}

    // False at the end, or when no more can be read: error() tells which.
    bool next(Line& line);
    int error() const { return error_; }  // of errno; 0 at a proper end

private:
    bool fill();

    int fd_;
    std::size_t longest_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of the line in the buffer
    int error_ = 0;
};

}  // namespace proxy
