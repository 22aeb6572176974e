// A line of the log or a recorded flow's row read back: what a table shows of it. Any bytes may be
// given; the caller that reads files reports which line they were.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "certs/time.h"
#include "inspect/flow/filter.h"
#include "inspect/report/render.h"

namespace inspect::report {

// The longest line that is read, in bytes: far above the longest that is written, the report of a
// long chain.
constexpr std::size_t longest_log_line = 4 << 20;

struct LogEntry {
    std::string event;  // "upstream_handshake", "client_handshake", "request", "proxy"
    std::string id;     // the same in each line of one flow; "" for the proxy's own events
    certs::Time time;
    bool failed = false;  // a failed handshake of either side, a request with a code
    bool warned = false;  // it went well, but with a warning, or because --insecure let it through
    // In the form that a pattern of hosts is compared with: no port, no brackets; "" for the
    // proxy's own events.
    std::string host;
    std::string subject;  // where it went: host and port, method and URL, or what the proxy did
    std::string result;   // "502 hostname_mismatch", "ok", "failed expired", "101 closed 1000"
    std::optional<double> milliseconds;
    std::string title;   // of a failure; for a WebSocket, the reason of its close
    std::string client;  // its address, of a client's failure
    std::string fix;     // … and what mends it, with the command

    // For a filter; "" and nullopt where the event has no such member.
    std::string method;
    std::string url;              // of a request; of a handshake with a server its host and port
    std::optional<int> status;    // of a request's response; 0 when none came
    std::string code;             // of a failure, or of what was let through
    std::string protocol;         // of HTTP that the server spoke, or agreed on (ALPN)
    std::string client_protocol;  // … and the client
    std::optional<std::uint64_t> response_bytes;
    std::string mime;  // of a response, in a recorded flow

    bool complete = true;  // false of a recorded flow that went on when it was written
};

enum class LogLineProblem { not_json, not_an_event };

std::expected<LogEntry, LogLineProblem> parse_log_line(std::string_view line);
// The same of what row_json() made.
std::expected<LogEntry, LogLineProblem> parse_flow_row(std::string_view row);

// What a filter is compared with: a view of the entry.
Subject subject_of(const LogEntry& entry);

// One row, with a line below it for its title, if any, and one for the fix; the heading goes above
// such rows. Safe for a terminal.
std::string log_table_heading(Ink ink);
std::string log_table_row(const LogEntry& entry, Ink ink);
// The same columns on one line, with the title in parentheses at its end.
std::string log_flow_row(const LogEntry& entry, Ink ink);

}  // namespace inspect::report
