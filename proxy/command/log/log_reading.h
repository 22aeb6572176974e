// What `whytls log` prints of the lines or recorded flows that it reads, and what it reports of those
// that it cannot read. Knows no files' names but those that it is given with the lines.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/time.h"
#include "inspect/report/log_entry.h"
#include "proxy/command/log/log_command.h"
#include "proxy/log/line_reader.h"

namespace proxy {

class LogReading {
public:
    // The command must outlive this.
    explicit LogReading(const LogCommand& command);

    // The lines that follow are of the file of that name.
    void begin(std::string_view name);
    void take(const LineReader::Line& line);
    // A recorded flow, as its row.
    void take_flow(std::uint64_t id, const std::string& row);
    // Whether it is to be shown, in another form than those of take_flow.
    bool wants_flow(std::uint64_t id, std::string_view row);
    // Reports what is wrong with the line or the flow that came last.
    void tell(std::string_view what);
    // No more of a recording can be read, for that reason.
    void break_off(const std::string& why);
    // No more of the file can be read; `error` is an errno value, 0 at its proper end.
    void end(int error);

    // Whether lines were read of the file, and none of them is an event of whytls.
    bool is_no_log() const { return !is_log_ && problems_ > 0; }
    // Silence would look as if there had been nothing to read.
    void tell_if_none() const;
    int exit_code() const { return no_log_ ? 2 : unread_ ? 1 : 0; }

private:
    void show(const LineReader::Line& line);
    void show_flow(inspect::report::LogEntry entry);
    bool wanted(const inspect::report::LogEntry& entry) const;
    void print(const std::string& row);
    std::optional<inspect::report::LogEntry> wanted_flow(std::uint64_t id, std::string_view row);
    void tell_held();

    const LogCommand& command_;
    const inspect::report::Ink ink_;
    std::optional<certs::Time> since_;

    // Of the file that is being read.
    std::string name_;
    std::string_view unit_ = "line";
    std::uint64_t number_ = 0;  // of the line; a flow's own
    std::uint64_t problems_ = 0;
    bool is_log_ = false;            // an event was found in it
    std::vector<std::string> held_;  // problems before that, reported when it turns out to be a log

    // Of what follows a log: why the handshakes failed of flows whose own lines are still to come.
    std::deque<std::pair<std::string, std::string>> reasons_;
    bool shown_ = false;  // whether a line was shown
    bool headed_ = false, unread_ = false, no_log_ = false;
};

}  // namespace proxy
