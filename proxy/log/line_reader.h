// A file read line by line, as it grows, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proxy {

class LineReader {
public:
    struct Line {
        std::string_view text;  // without its end; valid until the next call; "" when it is too long
        bool ended = false;     // by a line end; false for a last line that was cut off
        bool too_long = false;
    };

    // The caller keeps the descriptor, which is blocking. Lines of more than `longest` bytes are
    // skipped, but counted.
    LineReader(int fd, std::size_t longest) : fd_(fd), longest_(longest) {}

    // False at the end, or when no more can be read; error() distinguishes the two.
    bool next(Line& line);
    // The same of a file that may still grow: a last line without its end is kept for a later call.
    bool next_whole(Line& line);
    int error() const { return error_; }  // an errno value; 0 at a proper end

private:
    bool find(Line& line);
    bool fill();

    int fd_;
    std::size_t longest_;
    std::string buffer_;
    std::size_t begin_ = 0;     // where the line begins in the buffer
    std::size_t searched_ = 0;  // up to where the buffer has no line end
    bool skipping_ = false;     // the line is too long, and its beginning is no longer kept
    int error_ = 0;
};

}  // namespace proxy
