// Reads and writes whole files, bounded. What is written is complete on disk before it gets its
// name.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace certs {

// Mozilla's whole store is 220 kB; the largest revocation lists are about 30 MB.
inline constexpr std::size_t largest_file = 64 << 20;

// The content of a file, or everything that a descriptor gives until its end. The error is the
// system's number; EFBIG when there are more than `largest` bytes.
std::expected<std::string, int> read_file(const std::string& path, std::size_t largest = largest_file);
std::expected<std::string, int> read_descriptor(int descriptor, std::size_t largest = largest_file);

// Such an error as a predicate of the file: "cannot be read: Permission denied".
std::string reading_problem(int error);

// A complete file under its own name beside `path`, removed unless it is published.
class FileDraft {
public:
    FileDraft(const std::string& path, std::string_view text, mode_t mode);
    FileDraft(const FileDraft&) = delete;
    FileDraft& operator=(const FileDraft&) = delete;
    ~FileDraft();

    // Whether all of it is on disk; when not, errno says why.
    bool complete() const;
    // Moves the draft to `path`, replacing what had that name. On failure, errno says why.
    bool publish();

private:
    std::string path_, temporary_;
    bool exists_ = false, complete_ = false;
    int error_ = 0;
};

}  // namespace certs
