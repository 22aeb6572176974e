#include "certs/authority_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace certs {
namespace {

constexpr std::size_t largest_file = 1 << 20;

std::unexpected<AuthorityError> failure(std::string file) {
    return std::unexpected(AuthorityError{std::move(file), std::generic_category().message(errno)});
}

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

// nullopt when there is no such file.
std::expected<std::optional<std::string>, AuthorityError> read_file(const std::string& path) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 && errno == ENOENT) return std::nullopt;
    if (file.get() < 0) return failure(path);
    std::string text;
    std::array<char, 16'384> piece;
    while (true) {
        const ssize_t count = ::read(file.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(path);
        if (count == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
        if (text.size() > largest_file) return std::unexpected(AuthorityError{path, "is larger than 1 MiB"});
    }
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

// A complete file under a name of its own, removed again unless it is renamed.
class Draft {
public:
    Draft(const std::string& path, std::string_view text, mode_t mode) : path_(path), temporary_(path + ".XXXXXX") {
        const Descriptor file(mkostemp(temporary_.data(), O_CLOEXEC));
        exists_ = file.get() >= 0;
        complete_ = exists_ && fchmod(file.get(), mode) == 0 && write_all(file.get(), text) && fsync(file.get()) == 0;
        error_ = errno;
    }
    ~Draft() {
        if (exists_) unlink(temporary_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    bool complete() const {
        errno = error_;
        return complete_;
    }
    bool publish() {
        if (rename(temporary_.c_str(), path_.c_str()) != 0) return false;
        exists_ = false;
        return true;
    }

private:
    std::string path_, temporary_;
    bool exists_ = false, complete_ = false;
    int error_ = 0;
};

}  // namespace

std::expected<AuthorityFiles, AuthorityError> AuthorityFiles::open(const std::filesystem::path& path) {
    // "ca/" is "ca": otherwise it would be its own parent, and be made with a parent's mode.
    const std::filesystem::path directory = path.has_filename() ? path : path.parent_path();
    std::error_code error;
    if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
    if (error) return std::unexpected(AuthorityError{directory.string(), error.message()});
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failure(directory.string());
    const int lock = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0) return failure(directory.string());
    AuthorityFiles files(directory, lock);
    while (flock(lock, LOCK_EX) != 0) {
        if (errno != EINTR) return failure(directory.string());
    }
    return files;
}

AuthorityFiles::AuthorityFiles(AuthorityFiles&& other) noexcept
    : directory_(std::move(other.directory_)), lock_(std::exchange(other.lock_, -1)) {}

AuthorityFiles::~AuthorityFiles() {
    if (lock_ >= 0) close(lock_);
}

std::string AuthorityFiles::certificate_path() const { return (directory_ / "ca.pem").string(); }
std::string AuthorityFiles::key_path() const { return (directory_ / "ca-key.pem").string(); }

std::expected<std::optional<AuthorityTexts>, AuthorityError> AuthorityFiles::read() const {
    std::expected<std::optional<std::string>, AuthorityError> certificate = read_file(certificate_path());
    if (!certificate) return std::unexpected(certificate.error());
    std::expected<std::optional<std::string>, AuthorityError> key = read_file(key_path());
    if (!key) return std::unexpected(key.error());
    if (!certificate->has_value() && !key->has_value()) return std::nullopt;
    if (!certificate->has_value()) return std::unexpected(AuthorityError{certificate_path(), "is missing, though ca-key.pem is there"});
    if (!key->has_value()) return std::unexpected(AuthorityError{key_path(), "is missing, though ca.pem is there"});
    return AuthorityTexts{std::move(**certificate), std::move(**key)};
}

std::expected<void, AuthorityError> AuthorityFiles::write(const AuthorityTexts& texts) const {
    Draft key(key_path(), texts.key, 0600);
    if (!key.complete()) return failure(key_path());
    Draft certificate(certificate_path(), texts.certificate, 0644);
    if (!certificate.complete()) return failure(certificate_path());
    if (!key.publish()) return failure(key_path());
    if (!certificate.publish()) {
        const int error = errno;
        unlink(key_path().c_str());
        errno = error;
        return failure(certificate_path());
    }
    fsync(lock_);
    return {};
}

}  // namespace certs
