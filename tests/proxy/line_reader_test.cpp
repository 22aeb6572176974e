#include "proxy/log/line_reader.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using proxy::LineReader;

namespace {

// A file that is written to while it is read.
class Growing {
public:
    Growing()
        : path_((std::filesystem::temp_directory_path() / "whytls-lines-XXXXXX").string()),
          fd_(::mkstemp(path_.data())) {
        REQUIRE(fd_ >= 0);
    }
    ~Growing() {
        ::close(fd_);
        std::filesystem::remove(path_);
    }
    int fd() const { return fd_; }
    void append(std::string_view text) {
        REQUIRE(::pwrite(fd_, text.data(), text.size(), size_) == static_cast<ssize_t>(text.size()));
        size_ += static_cast<off_t>(text.size());
    }

private:
    std::string path_;
    int fd_;
    off_t size_ = 0;
};

// The whole lines that are there now; one that is too long is "…".
std::vector<std::string> whole(LineReader& reader) {
    std::vector<std::string> lines;
    for (LineReader::Line line; reader.next_whole(line);) {
        CHECK(line.ended);
        lines.push_back(line.too_long ? "…" : std::string(line.text));
    }
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("of a file that grows, a line is read once it has its end") {
    Growing file;
    LineReader reader(file.fd(), 100);
    CHECK(whole(reader).empty());
    file.append("one\ntw");
    CHECK(whole(reader) == Lines{"one"});
    CHECK(whole(reader).empty());
    file.append("o");
    CHECK(whole(reader).empty());
    file.append("\n\nthree\nfour");
    CHECK(whole(reader) == Lines{"two", "", "three"});
    LineReader::Line line;
    REQUIRE(reader.next(line));
    CHECK(line.text == "four");
    CHECK_FALSE(line.ended);
    CHECK_FALSE(reader.next(line));
}

TEST_CASE("a line that is too long is one line, however slowly it comes") {
    Growing file;
    LineReader reader(file.fd(), 10);
    for (int piece = 0; piece < 5; ++piece) {
        file.append("0123456789");
        CHECK(whole(reader).empty());
    }
    file.append("\n0123456789\n0123456789a\n");
    CHECK(whole(reader) == Lines{"…", "0123456789", "…"});
    file.append("0123456789abc");
    LineReader::Line line;
    REQUIRE(reader.next(line));
    CHECK(line.too_long);
    CHECK(line.text.empty());
    CHECK_FALSE(reader.next(line));
}
