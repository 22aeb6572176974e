#include "proxy/log/line_reader.h"

#include <unistd.h>

#include <cerrno>

namespace proxy {

bool LineReader::next(Line& line) {
    line = {};
    std::size_t searched = begin_;
    for (;;) {
        const auto end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            line.ended = true;
            line.too_long = line.too_long || end - begin_ > longest_;
            if (!line.too_long) line.text = std::string_view(buffer_).substr(begin_, end - begin_);
            begin_ = end + 1;
            return true;
        }
        if (buffer_.size() - begin_ > longest_) {
            line.too_long = true;
            begin_ = buffer_.size();
        }
        buffer_.erase(0, begin_);
        begin_ = 0;
        searched = buffer_.size();
        if (fill()) continue;
        line.text = buffer_;
        begin_ = buffer_.size();
        return line.too_long || !buffer_.empty();
    }
}

bool LineReader::fill() {
    constexpr std::size_t block = 64 << 10;
    const std::size_t held = buffer_.size();
    ssize_t size = -1;
    buffer_.resize_and_overwrite(held + block, [&](char* data, std::size_t) {
        do { size = ::read(fd_, data + held, block); } while (size < 0 && errno == EINTR);
        error_ = size < 0 ? errno : 0;
        return held + static_cast<std::size_t>(size > 0 ? size : 0);
    });
    return size > 0;
}

}  // namespace proxy
