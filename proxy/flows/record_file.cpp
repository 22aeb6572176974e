#include "proxy/flows/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/settings/settings.h"

namespace proxy {

namespace {

using sqlite::Connection;

// SQLite's application_id: "whyt".
constexpr std::int64_t application = 0x77687974;

// What leads from each format to the next. A row is small and apart from the rest, so that a list of
// many flows is read fast. `began` is in milliseconds since 1970; `written` orders rows by when they were
// last written.
constexpr std::array<const char*, recording_format> steps{
    "CREATE TABLE sessions(id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, version TEXT NOT NULL, pid INTEGER NOT NULL);"
    "CREATE TABLE flows(id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions(id), written INTEGER NOT NULL UNIQUE,"
    " began INTEGER NOT NULL, row TEXT NOT NULL);"
    "CREATE TABLE contents(id INTEGER PRIMARY KEY REFERENCES flows(id), document TEXT NOT NULL, request_body BLOB NOT NULL,"
    " response_body BLOB NOT NULL);"};

std::string prefix(const std::filesystem::path& directory) { return "--record " + directory.string(); }

std::filesystem::path file_of(const std::filesystem::path& directory) { return directory / "flows.sqlite"; }

// Without symbolic links, which a database is not opened through; as given when there is none.
std::filesystem::path real(const std::filesystem::path& directory) {
    std::error_code error;
    auto path = std::filesystem::canonical(directory, error);
    return error ? directory : path;
}

UsageError of_file(const std::filesystem::path& directory, std::string_view what) {
    return UsageError(fmt::format("{}: flows.sqlite there {}", prefix(directory), what));
}

void make_directory(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return;
    const int why = errno;
    const auto above = directory.parent_path();
    if (why != ENOENT || above.empty() || above == directory) {
        errno = why;
        return;
    }
    make_directory(above);
    ::mkdir(directory.c_str(), 0700);
}

void require_directory(const std::filesystem::path& directory) {
    struct stat status{};
    if (::stat(directory.c_str(), &status) != 0) {
        const int why = errno;
        if (why == ENOTDIR) throw UsageError(fmt::format("{}: a part of that path is a file", prefix(directory)));
        throw StartError(fmt::format("{}: {}", prefix(directory), std::strerror(why)));
    }
    if (!S_ISDIR(status.st_mode))
        throw UsageError(fmt::format("{} is a file; it takes a directory for flows.sqlite", prefix(directory)));
}

std::string holder(int fd) {
    std::array<char, 24> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    std::string digits;
    for (ssize_t i = 0;
         i < size && text[static_cast<std::size_t>(i)] >= '0' && text[static_cast<std::size_t>(i)] <= '9'; ++i)
        digits += text[static_cast<std::size_t>(i)];
    return digits.empty() ? "another process" : "the process " + digits;
}

template <class Error>
void make_file(const std::filesystem::path& directory, Error error) {
    const auto file = file_of(directory);
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat status{};
    if (fd < 0 || ::fstat(fd, &status) != 0) throw error(errno);
    ::close(fd);
    if (!S_ISREG(status.st_mode)) throw of_file(directory, "is no regular file");
}

// Whether the failure is the file's or the system's is the user's to know: exit 2 or 1.
[[noreturn]] void refuse(const std::filesystem::path& directory, const sqlite::Failure& failure) {
    if (failure.problem == sqlite::Problem::not_a_database)
        throw of_file(
            directory,
            fmt::format("is no recording, or is damaged ({}): move it away, or give another directory", failure.text));
    throw StartError(fmt::format("{}: flows.sqlite: {}", prefix(directory), failure.text));
}

template <class Value>
Value held(std::expected<Value, sqlite::Failure> result, const std::filesystem::path& directory) {
    if (!result) refuse(directory, result.error());
    if constexpr (!std::is_void_v<Value>) return *std::move(result);
}

// The format of what is opened; 0 when nothing is in it yet.
std::int64_t format_of(Connection& file, const std::filesystem::path& directory) {
    const auto id = held(file.number("PRAGMA application_id"), directory);
    const auto format = held(file.number("PRAGMA user_version"), directory);
    const auto tables = held(file.number("SELECT count(*) FROM sqlite_schema"), directory);
    if (id == 0 && format == 0 && tables == 0) return 0;
    if (id != application || format < 1)
        throw of_file(directory, "is another program's database: give another directory");
    if (format > recording_format)
        throw of_file(
            directory,
            fmt::format("was written by a newer whytls: its format is {}, and this one knows those up to {}; use "
                        "that whytls, or give another directory",
                        format, recording_format));
    return format;
}

void bring_up(Connection& file, std::int64_t format, const std::filesystem::path& directory) {
    if (format == recording_format) return;
    held(file.run("BEGIN IMMEDIATE"), directory);
    for (auto step = static_cast<std::size_t>(format); step < steps.size(); ++step)
        held(file.run(steps[step]), directory);
    const std::string marks =
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", application, recording_format);
    held(file.run(marks.c_str()), directory);
}

}  // namespace

RecordLock::RecordLock(const std::filesystem::path& directory) {
    make_directory(directory.has_filename() ? directory : directory.parent_path());
    require_directory(directory);
    const auto file = directory / "lock";
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd_ < 0) throw StartError(fmt::format("{}: the file lock there: {}", prefix(directory), std::strerror(errno)));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        const std::string who = holder(fd_);
        ::close(std::exchange(fd_, -1));
        if (why == EWOULDBLOCK)
            throw StartError(fmt::format("{}: {} records there already: stop it, or give another directory",
                                         prefix(directory), who));
        throw StartError(fmt::format("{}: the file lock there: {}", prefix(directory), std::strerror(why)));
    }
    // Only for the words above, on a full disk too.
    const std::string pid = std::to_string(::getpid()) + "\n";
    (void)!::ftruncate(fd_, 0);
    (void)!::pwrite(fd_, pid.data(), pid.size(), 0);
}

RecordLock::~RecordLock() {
    if (fd_ >= 0) ::close(fd_);
}

Connection open_to_record(const std::filesystem::path& directory) {
    make_file(directory, [&](int why) {
        return StartError(fmt::format("{}: flows.sqlite: {}", prefix(directory), std::strerror(why)));
    });
    Connection file = held(Connection::open(file_of(real(directory)), Connection::Mode::write), directory);
    const std::int64_t format = format_of(file, directory);
    // A process that is killed loses nothing that was committed, and a machine that loses its power
    // the last seconds. After a burst the log beside the file shrinks to 16 MiB.
    held(file.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=16777216"), directory);
    bring_up(file, format, directory);
    return file;
}

Connection open_recording(const std::filesystem::path& directory) {
    struct stat status{};
    const auto file = file_of(real(directory));
    if (::stat(file.c_str(), &status) != 0) {
        const int why = errno;
        if (why == ENOTDIR)
            throw UsageError(
                fmt::format("{} is a file; it takes the directory that flows.sqlite is in", prefix(directory)));
        throw UsageError(fmt::format("{}: {}", prefix(directory),
                                     why == ENOENT ? "no recording is there: no flows.sqlite" : std::strerror(why)));
    }
    try {
        const auto opened = [&](Connection::Mode mode) {
            Connection connection = held(Connection::open(file, mode), directory);
            if (format_of(connection, directory) == 0) throw of_file(directory, "is empty: nothing was recorded yet");
            return connection;
        };
        // Where nothing may be written beside the file, no one is writing to it, or what was
        // written last cannot be seen.
        if (::access(file.parent_path().c_str(), W_OK) == 0 || std::filesystem::exists(file.string() + "-wal"))
            return opened(Connection::Mode::read);
        return opened(Connection::Mode::immutable);
    } catch (const StartError& error) { throw UsageError(error.what()); }
}

std::optional<std::string> exposed(const std::filesystem::path& directory) {
    const auto file = file_of(directory);
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return std::nullopt;
    return fmt::format("whytls: {} can be read by others (its mode is {:04o}), with the bodies in it: chmod 600 it",
                       file.string(), status.st_mode & 07777U);
}

}  // namespace proxy
