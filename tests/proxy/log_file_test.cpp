#include "proxy/log/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/catch.h"

using namespace proxy;

namespace {

class Directory {
public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "whytls-log-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string log() const { return (path_ / "log").string(); }
    std::string read(const std::string& suffix) const {
        const std::ifstream file(log() + suffix);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    bool has(const std::string& suffix) const { return std::filesystem::exists(log() + suffix); }

private:
    std::filesystem::path path_;
};

bool write(LogFile& file, std::string_view lines) {
    return file.write(lines, [] { return false; });
}

}  // namespace

TEST_CASE("a log that has grown to its size is renamed at a line's end, and the oldest goes") {
    const Directory directory;
    LogFile file(directory.log(), {.max_size = 10, .keep = 2});
    CHECK(write(file, "aaaa\nbbbb\ncccc\ndddd\n"));
    CHECK(write(file, "eeee\n"));
    CHECK(write(file, "ffff\n"));
    CHECK(directory.read(".2") == "aaaa\nbbbb\n");
    CHECK(directory.read(".1") == "cccc\ndddd\n");
    CHECK(directory.read("") == "eeee\nffff\n");
    CHECK(write(file, "g\n"));
    CHECK(directory.read("") == "g\n");
    CHECK(directory.read(".2") == "cccc\ndddd\n");
    CHECK_FALSE(directory.has(".3"));
    CHECK_FALSE(directory.has(".new"));
    struct stat status{};
    REQUIRE(::stat(directory.log().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("a line longer than a file has one to itself") {
    const Directory directory;
    LogFile file(directory.log(), {.max_size = 4, .keep = 5});
    CHECK(write(file, "a\nbbbbbbbb\nc\n"));
    CHECK(directory.read(".2") == "a\n");
    CHECK(directory.read(".1") == "bbbbbbbb\n");
    CHECK(directory.read("") == "c\n");
}

TEST_CASE("a size of 0 means never, and keeping none leaves one file") {
    const Directory directory;
    {
        LogFile file(directory.log(), {.max_size = 0, .keep = 5});
        CHECK(write(file, std::string(1000, 'x') + "\n"));
    }
    CHECK_FALSE(directory.has(".1"));
    LogFile file(directory.log(), {.max_size = 4, .keep = 0});
    CHECK(write(file, "a\nb\nc\n"));
    CHECK(directory.read("") == "c\n");
    CHECK_FALSE(directory.has(".1"));
}

TEST_CASE("files beyond a smaller --log-keep go with the next rotation") {
    const Directory directory;
    for (const unsigned keep : {3U, 1U}) {
        LogFile file(directory.log(), {.max_size = 2, .keep = keep});
        CHECK(write(file, "a\nb\nc\nd\n"));
    }
    CHECK(directory.has(".1"));
    CHECK_FALSE(directory.has(".2"));
    CHECK_FALSE(directory.has(".3"));
}

TEST_CASE("a rotation that fails loses nothing: the log grows on, and it is tried again") {
    const Directory directory;
    LogFile file(directory.log(), {.max_size = 4, .keep = 2});
    std::filesystem::create_directory(directory.log() + ".new");  // in the way, for root too
    CHECK(write(file, "a\nb\nc\nd\n"));
    CHECK(directory.read("") == "a\nb\nc\nd\n");
    std::filesystem::remove(directory.log() + ".new");
    CHECK(write(file, "e\nf\ng\n"));
    CHECK(directory.read(".2") + directory.read(".1") + directory.read("") == "a\nb\nc\nd\ne\nf\ng\n");
    CHECK(directory.read("") == "g\n");
}

TEST_CASE("what an earlier run left half-written does not spoil the next line") {
    const Directory directory;
    std::ofstream(directory.log()) << "whole\n{\"half";
    LogFile file(directory.log(), {});
    CHECK(write(file, "next\n"));
    CHECK(directory.read("") == "whole\n{\"half\nnext\n");
}

TEST_CASE("a link is followed: the file that it leads to is rotated") {
    const Directory directory;
    std::filesystem::create_symlink(directory.log() + "-real", directory.log());
    LogFile file(directory.log(), {.max_size = 2, .keep = 1});
    CHECK(write(file, "a\nb\n"));
    CHECK(std::filesystem::is_symlink(directory.log()));
    CHECK(directory.read("-real.1") == "a\n");
    CHECK(directory.read("") == "b\n");
}

TEST_CASE("a pipe in the place of the new file is neither waited for nor made the log") {
    const Directory directory;
    LogFile file(directory.log(), {.max_size = 4, .keep = 1});
    REQUIRE(::mkfifo((directory.log() + ".new").c_str(), 0600) == 0);
    CHECK(write(file, "aaaa\nbbbb\n"));
    CHECK(directory.read("") == "aaaa\nbbbb\n");
    const int reader = ::open((directory.log() + ".new").c_str(), O_RDONLY | O_NONBLOCK);
    CHECK(write(file, "cccc\ndddd\n"));
    CHECK(directory.read("") == "aaaa\nbbbb\ncccc\ndddd\n");
    ::close(reader);
}

TEST_CASE("a log that was moved away is written on under its name once it is opened again") {
    const Directory directory;
    LogFile file(directory.log(), {});
    CHECK(write(file, "a\n"));
    std::filesystem::rename(directory.log(), directory.log() + "-moved");
    CHECK(write(file, "b\n"));
    CHECK(file.reopen());
    CHECK(write(file, "c\n"));
    CHECK(directory.read("-moved") == "a\nb\n");
    CHECK(directory.read("") == "c\n");
    CHECK(file.reopen());
    CHECK(write(file, "d\n"));
    CHECK(directory.read("") == "c\nd\n");
}

TEST_CASE("a log that cannot be opened again goes on where it is") {
    const Directory directory;
    LogFile file(directory.log(), {});
    std::filesystem::rename(directory.log(), directory.log() + "-moved");
    std::filesystem::create_directory(directory.log());
    CHECK_FALSE(file.reopen());
    std::filesystem::remove(directory.log());
    REQUIRE(::mkfifo(directory.log().c_str(), 0600) == 0);
    CHECK_FALSE(file.reopen());
    CHECK(write(file, "a\n"));
    CHECK(directory.read("-moved") == "a\n");
}
