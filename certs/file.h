// Files read and written as a whole, bounded: what is written is complete on disk before it takes its name.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace certs {

// Mozilla's whole store is 220 kB, the largest revocation lists are some 30 MB.
inline constexpr std::size_t largest_file = 64 << 20;

// The content of a file, or of what a descriptor gives until its end. The error is the system's number; EFBIG when there are more than
// `largest` bytes.
std::expected<std::string, int> read_file(const std::string& path, std::size_t largest = largest_file);
std::expected<std::string, int> read_descriptor(int descriptor, std::size_t largest = largest_file);

// Such an error as a predicate of the file: "cannot be read: Permission denied".
std::string reading_problem(int error);

// A complete file under a name of its own beside `path`, removed again unless it is published.
class FileDraft {
public:
    FileDraft(const std::string& path, std::string_view text, mode_t mode);
    FileDraft(const FileDraft&) = delete;
    FileDraft& operator=(const FileDraft&) = delete;
    ~FileDraft();

    // Whether all of it is on disk; when not, errno says why.
    bool complete() const;
    // Gives it its name, in place of what had it; when that fails, errno says why.
    bool publish();

private:
    std::string path_, temporary_;
    bool exists_ = false, complete_ = false;
    int error_ = 0;
};

}  // namespace certs
