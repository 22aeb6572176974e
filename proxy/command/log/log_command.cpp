#include "proxy/command/log/log_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/log_entry.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/terminal.h"
#include "proxy/io/clock.h"
#include "proxy/log/line_reader.h"
#include "proxy/log/log_file.h"
#include "proxy/log/log_writer.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ > STDIN_FILENO) ::close(fd_);
    }
    operator int() const { return fd_; }

private:
    int fd_;
};

struct Part {
    std::string name;
    Descriptor fd;
};

// A log and the files that it was rotated into, oldest first. All are opened before the first is
// read, the newest first. A rotation in between can show a file under two names, of which one is
// left out, but hides none.
std::vector<Part> parts_of(const std::string& file) {
    std::vector<Part> parts;
    if (file == "-") {
        parts.push_back({"standard input", Descriptor(STDIN_FILENO)});
        return parts;
    }
    std::set<std::pair<dev_t, ino_t>> seen;
    int why = 0;
    for (unsigned number = 0; number <= most_rotated; ++number) {
        const std::string name = number == 0 ? file : rotated_name(file, number);
        Descriptor fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status{};
        if (fd < 0 || ::fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
            const int error = fd < 0 ? errno : EISDIR;
            if (why == 0 && (number == 0 || error != ENOENT)) why = error;
            if (error != ENOENT) break;
            continue;
        }
        if (seen.emplace(status.st_dev, status.st_ino).second) parts.push_back({name, std::move(fd)});
    }
    if (parts.empty() || (why != 0 && why != ENOENT)) throw UsageError(fmt::format("{}: {}", file, std::strerror(why)));
    std::ranges::reverse(parts);
    return parts;
}

std::string_view words(report::LogLineProblem problem) {
    return problem == report::LogLineProblem::not_json ? "is not JSON" : "is not an event of whytls";
}

class Reading {
public:
    explicit Reading(const LogCommand& command) : command_(command) {
        if (const auto* ago = std::get_if<std::chrono::seconds>(&command.since))
            since_ = certs::Time{io::now().seconds - ago->count()};
        if (const auto* time = std::get_if<certs::Time>(&command.since)) since_ = *time;
    }

    void read(const Part& part) {
        LineReader lines(part.fd, report::longest_log_line);
        problems_ = 0;
        is_log_ = false;
        held_.clear();
        std::uint64_t number = 0;
        for (LineReader::Line line; lines.next(line);) {
            ++number;
            if (line.text.empty() && !line.too_long) continue;
            if (line.too_long)
                tell(part, number, fmt::format("is longer than {} bytes", report::longest_log_line));
            else
                show(part, number, line);
        }
        if (lines.error() != 0)
            tell(part, number, fmt::format("is the last that could be read: {}", std::strerror(lines.error())));
        if (!is_log_ && problems_ > 0) {
            no_log_ = true;
            return say(fmt::format("whytls: {} is no log of whytls: {}", name(part), held_.front()));
        }
        if (problems_ > most_told)
            say(fmt::format("whytls: {}: {} more lines could not be read", name(part), problems_ - most_told));
    }

    // Silence would look as if there had been nothing to read.
    void tell_if_none() const {
        const bool chosen = command_.failed || command_.host || since_;
        if (shown_ || !chosen || no_log_) return;
        std::vector<std::string> files;
        for (const std::string& file : command_.files) files.push_back(diagnosis::file_name(file));
        say(fmt::format("whytls: no line of {} matches", report::for_terminal(diagnosis::listed(files, 4), 1024)));
    }

    int exit_code() const { return no_log_ ? 2 : unread_ ? 1 : 0; }

private:
    // For each file: one that is no log at all must not fill the screen.
    static constexpr std::uint64_t most_told = 10;

    static std::string name(const Part& part) { return report::for_terminal(part.name); }

    void tell(const Part& part, std::uint64_t number, std::string_view what) {
        unread_ = true;
        if (++problems_ > most_told) return;
        held_.push_back(fmt::format("line {} {}", number, what));
        if (is_log_) tell_held(part);
    }

    void tell_held(const Part& part) {
        std::fflush(stdout);
        for (const std::string& each : held_) say(fmt::format("whytls: {}, {}", name(part), each));
        held_.clear();
    }

    void show(const Part& part, std::uint64_t number, const LineReader::Line& line) {
        const auto entry = report::parse_log_line(line.text);
        if (!entry) return tell(part, number, line.ended ? words(entry.error()) : "is cut off");
        if (!std::exchange(is_log_, true)) tell_held(part);
        if (!wanted(*entry)) return;
        shown_ = true;
        if (command_.json) {
            fmt::print("{}\n", report::with_escapes(line.text));
            return;
        }
        if (!std::exchange(headed_, true)) fmt::print("{}", report::log_table_heading(ink_));
        fmt::print("{}", report::log_table_row(*entry, ink_));
    }

    bool wanted(const report::LogEntry& entry) const {
        return (!command_.failed || entry.failed) &&
               (!command_.host || (!entry.host.empty() && command_.host->matches(entry.host))) &&
               (!since_ || entry.time >= *since_);
    }

    const LogCommand& command_;
    const report::Ink ink_ = paper_of_stdout().ink;
    std::optional<certs::Time> since_;
    std::uint64_t problems_ = 0;     // of the file that is being read, as the next two
    bool is_log_ = false;            // an event was found in it
    std::vector<std::string> held_;  // problems before that, reported when it turns out to be a log
    bool shown_ = false;             // whether a line was shown
    bool headed_ = false, unread_ = false, no_log_ = false;
};

}  // namespace

int run_log_command(const LogCommand& command) {
    Reading reading(command);
    for (const std::string& file : command.files) {
        for (const Part& part : parts_of(file)) reading.read(part);
    }
    reading.tell_if_none();
    return reading.exit_code();
}

}  // namespace proxy
