// The file of a recorded session, DIR/flows.sqlite, and who may write to it: DIR/lock. What is in
// the file, and which formats of it are known. Knows no flows.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "proxy/flows/sqlite.h"

namespace proxy {

// The format that is written, SQLite's user_version; one more with each change of the tables.
constexpr std::int64_t recording_format = 1;

// Held while this process writes to a recording; given back at the end, and by the system when the
// process is killed.
class RecordLock {
public:
    // Makes the directory (0700) with those above it, and waits for no one. Throws UsageError when
    // it is no directory, StartError when it cannot be made or written, or when another process
    // records there, with its id.
    explicit RecordLock(const std::filesystem::path& directory);
    RecordLock(const RecordLock&) = delete;
    RecordLock& operator=(const RecordLock&) = delete;
    ~RecordLock();

private:
    int fd_ = -1;
};

// Under the lock: makes the file (0600) or brings an older format up to this one. What a process
// that was killed had committed is there. Throws UsageError for a file that is no recording, is damaged or has a
// newer format, StartError when the system refuses it.
sqlite::Connection open_to_record(const std::filesystem::path& directory);

// Beside a proxy that writes, or without one. Throws UsageError, for all reasons.
sqlite::Connection open_recording(const std::filesystem::path& directory);

// What to tell the user when others may read the file, which has what the bodies have.
std::optional<std::string> exposed(const std::filesystem::path& directory);

}  // namespace proxy
