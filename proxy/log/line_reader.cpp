#include "proxy/log/line_reader.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace proxy {

bool LineReader::next(Line& line) {
    if (find(line)) return true;
    line.too_long = std::exchange(skipping_, false);
    line.text = std::string_view(buffer_).substr(begin_);
    begin_ = searched_ = buffer_.size();
    return line.too_long || !line.text.empty();
}

bool LineReader::next_whole(Line& line) { return find(line); }

// Whether a line with its end was found before the file's end.
bool LineReader::find(Line& line) {
    line = {};
    do {
        const auto end = buffer_.find('\n', searched_);
        if (end != std::string::npos) {
            line.ended = true;
            line.too_long = std::exchange(skipping_, false) || end - begin_ > longest_;
            if (!line.too_long) line.text = std::string_view(buffer_).substr(begin_, end - begin_);
            begin_ = searched_ = end + 1;
            return true;
        }
        if (buffer_.size() - begin_ > longest_) {
            skipping_ = true;
            begin_ = buffer_.size();
        }
        buffer_.erase(0, begin_);
        begin_ = 0;
        searched_ = buffer_.size();
    } while (fill());
    return false;
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
