#include "certs/authority_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "certs/file.h"

namespace certs {
namespace {

constexpr std::size_t largest_of_authority = 1 << 20;
constexpr std::string_view certificate_begins = "-----BEGIN CERTIFICATE-----";

std::unexpected<AuthorityError> failure(std::string file) {
    return std::unexpected(AuthorityError{std::move(file), std::generic_category().message(errno)});
}

// nullopt when there is no such file.
std::expected<std::optional<std::string>, AuthorityError> read_if_there(const std::string& path) {
    auto text = read_file(path, largest_of_authority);
    if (text) return *std::move(text);
    if (text.error() == ENOENT) return std::nullopt;
    if (text.error() == EFBIG) return std::unexpected(AuthorityError{path, "is larger than 1 MiB"});
    errno = text.error();
    return failure(path);
}

}  // namespace

std::expected<AuthorityFiles, AuthorityError> AuthorityFiles::open(const std::filesystem::path& path) {
    // "ca/" is "ca": otherwise it would be its own parent and be made with a parent's mode.
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
    if (std::expected<void, AuthorityError> finished = files.finish_replacing(); !finished)
        return std::unexpected(finished.error());
    return files;
}

AuthorityFiles::AuthorityFiles(AuthorityFiles&& other) noexcept
    : directory_(std::move(other.directory_)), lock_(std::exchange(other.lock_, -1)) {}

AuthorityFiles::~AuthorityFiles() {
    if (lock_ >= 0) close(lock_);
}

std::string AuthorityFiles::certificate_path() const { return (directory_ / "ca.pem").string(); }
std::string AuthorityFiles::key_path() const { return (directory_ / "ca-key.pem").string(); }
std::string AuthorityFiles::previous_path() const { return (directory_ / "ca-previous.pem").string(); }
std::string AuthorityFiles::next_path() const { return (directory_ / "ca-next.pem").string(); }

std::expected<std::optional<AuthorityTexts>, AuthorityError> AuthorityFiles::read() const {
    std::expected<std::optional<std::string>, AuthorityError> certificate = read_if_there(certificate_path());
    if (!certificate) return std::unexpected(certificate.error());
    std::expected<std::optional<std::string>, AuthorityError> key = read_if_there(key_path());
    if (!key) return std::unexpected(key.error());
    if (!certificate->has_value() && !key->has_value()) return std::nullopt;
    if (!certificate->has_value())
        return std::unexpected(AuthorityError{certificate_path(), "is missing, though ca-key.pem is there"});
    if (!key->has_value()) return std::unexpected(AuthorityError{key_path(), "is missing, though ca.pem is there"});
    return AuthorityTexts{std::move(**certificate), std::move(**key)};
}

std::expected<void, AuthorityError> AuthorityFiles::write(const AuthorityTexts& texts) const {
    FileDraft key(key_path(), texts.key, 0600);
    if (!key.complete()) return failure(key_path());
    FileDraft certificate(certificate_path(), texts.certificate, 0644);
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

std::expected<void, AuthorityError> AuthorityFiles::replace(const AuthorityTexts& texts,
                                                            const std::string& previous) const {
    FileDraft before(previous_path(), previous, 0644);
    if (!before.complete() || !before.publish()) return failure(previous_path());
    FileDraft next(next_path(), texts.key + texts.certificate, 0600);
    if (!next.complete() || !next.publish()) return failure(next_path());
    fsync(lock_);
    return finish_replacing();
}

std::expected<void, AuthorityError> AuthorityFiles::finish_replacing() const {
    std::expected<std::optional<std::string>, AuthorityError> next = read_if_there(next_path());
    if (!next) return std::unexpected(next.error());
    if (!next->has_value()) return {};
    const std::size_t behind_key = (*next)->find(certificate_begins);
    if (behind_key == std::string::npos) return std::unexpected(AuthorityError{next_path(), "holds no certificate"});
    if (auto written = write({(*next)->substr(behind_key), (*next)->substr(0, behind_key)}); !written) return written;
    if (unlink(next_path().c_str()) != 0) return failure(next_path());
    fsync(lock_);
    return {};
}

}  // namespace certs
