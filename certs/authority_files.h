// The two files of a CA directory and the rules for them on disk: modes, atomic replacement, one
// process at a time. Knows their names, not their content.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "certs/authority.h"

namespace certs {

struct AuthorityTexts {
    std::string certificate, key;
};

// Holds the directory's lock as long as it lives. Move-only.
class AuthorityFiles {
public:
    // Makes the directory (0700) when it is missing, waits for the lock (flock on the directory
    // itself, so that no file is left behind), and finishes a replacement that was cut short.
    static std::expected<AuthorityFiles, AuthorityError> open(const std::filesystem::path& directory);

    AuthorityFiles(AuthorityFiles&& other) noexcept;
    AuthorityFiles& operator=(AuthorityFiles&&) = delete;
    ~AuthorityFiles();

    std::string certificate_path() const;
    std::string key_path() const;
    std::string previous_path() const;  // certificates of the CAs before this one

    // Reads both files, at most 1 MiB each; nullopt when neither exists. One without the other is
    // an error that names the missing one.
    std::expected<std::optional<AuthorityTexts>, AuthorityError> read() const;

    // Writes both or neither: each is complete on disk under another name before either gets its
    // own. The key is 0600.
    std::expected<void, AuthorityError> write(const AuthorityTexts& texts) const;

    // Replaces what is there: once DIR/ca-next.pem contains both, the next process that opens the
    // directory moves them to their names. Before that, `previous` becomes the content of
    // previous_path().
    std::expected<void, AuthorityError> replace(const AuthorityTexts& texts, const std::string& previous) const;

private:
    AuthorityFiles(std::filesystem::path directory, int lock) : directory_(std::move(directory)), lock_(lock) {}
    std::string next_path() const;
    std::expected<void, AuthorityError> finish_replacing() const;

    std::filesystem::path directory_;
    int lock_;  // descriptor of the directory
};

}  // namespace certs
