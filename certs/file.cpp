#include "certs/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace certs {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }

private:
    int number_;
};

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

std::expected<std::string, int> read_descriptor(int descriptor, std::size_t largest) {
    std::string text;
    std::array<char, 65'536> piece;
    while (true) {
        const ssize_t count = ::read(descriptor, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(errno);
        if (count == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
        if (text.size() > largest) return std::unexpected(EFBIG);
    }
}

std::expected<std::string, int> read_file(const std::string& path, std::size_t largest) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return std::unexpected(errno);
    return read_descriptor(file.get(), largest);
}

std::string reading_problem(int error) { return "cannot be read: " + std::generic_category().message(error); }

FileDraft::FileDraft(const std::string& path, std::string_view text, mode_t mode)
    : path_(path), temporary_(path + ".XXXXXX") {
    const Descriptor file(mkostemp(temporary_.data(), O_CLOEXEC));
    exists_ = file.get() >= 0;
    complete_ = exists_ && fchmod(file.get(), mode) == 0 && write_all(file.get(), text) && fsync(file.get()) == 0;
    error_ = errno;
}

FileDraft::~FileDraft() {
    if (exists_) unlink(temporary_.c_str());
}

bool FileDraft::complete() const {
    errno = error_;
    return complete_;
}

bool FileDraft::publish() {
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return false;
    exists_ = false;
    return true;
}

}  // namespace certs
