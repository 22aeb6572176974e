#include "proxy/command/log/log_command.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "inspect/report/har.h"
#include "inspect/report/log_entry.h"
#include "proxy/command/log/log_parts.h"
#include "proxy/command/log/log_reading.h"
#include "proxy/flows/recording.h"
#include "proxy/log/line_reader.h"

namespace proxy {

namespace {

constexpr int pause_ms = 200;  // between two looks at a file that is followed

void read(LogReading& reading, const LogPart& part) {
    LineReader lines(part.fd(), inspect::report::longest_log_line);
    reading.begin(part.name());
    for (LineReader::Line line; lines.next(line);) reading.take(line);
    reading.end(lines.error());
}

// Waits for more of the log. False when the reader of standard output has gone.
bool pause() {
    pollfd output = {.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return ::poll(&output, 1, pause_ms) <= 0;
}

// The parts that came after this one, oldest first. While a rotation is going on there may be no
// file of that name.
std::vector<LogPart> parts_after(const LogPart& part, const std::string& file) {
    if (const auto is_it = part.is_file(file); is_it.value_or(true)) return {};
    std::vector<LogPart> parts = log_parts(file);
    const auto same = std::ranges::find_if(parts, [&](const LogPart& each) { return each.same_file(part); });
    // One that is gone was removed, and what came before the file of that name was read or is gone.
    const auto first = same == parts.end() ? parts.end() - 1 : same + 1;
    return {std::move_iterator(first), std::move_iterator(parts.end())};
}

// Reads one part as it grows, until others have taken its place.
std::vector<LogPart> follow_part(LogReading& reading, const LogPart& part, const std::string& file) {
    LineReader lines(part.fd(), inspect::report::longest_log_line);
    reading.begin(part.name());
    for (;;) {
        // Looked for before the last lines are read: its writer has left this part by then.
        std::vector<LogPart> after = parts_after(part, file);
        LineReader::Line line;
        while (lines.next_whole(line)) reading.take(line);
        if (lines.error() != 0 || !after.empty()) {
            if (lines.next(line)) reading.take(line);
            reading.end(lines.error());
            return after;
        }
        if (reading.is_no_log() || !pause()) {
            reading.end(0);
            return {};
        }
        if (part.begun_anew()) {
            reading.end(0);
            lines = LineReader(part.fd(), inspect::report::longest_log_line);
            reading.begin(part.name());
        }
    }
}

void follow(LogReading& reading, const std::string& file) {
    std::vector<LogPart> parts = log_parts(file);
    while (!parts.empty()) {
        LogPart last = std::move(parts.back());
        parts.pop_back();
        for (const LogPart& part : parts) read(reading, part);
        parts = follow_part(reading, last, file);
    }
}

constexpr std::size_t most_rows = 500;  // of a recording, read at once

// Calls `show` with each row as it was written, and when it is followed with those that come. Returns
// why no more can be read; "" at the end.
template <class Show>
std::string each_row(const Recording& recording, bool follow, Show show) {
    for (std::uint64_t last = 0;;) {
        const auto rows = recording.rows_after(last, most_rows);
        if (!rows) return rows.error();
        for (const Recording::Row& row : *rows)
            if (std::string error = show(row); !error.empty()) return error;
        if (!rows->empty()) last = rows->back().written;
        if (rows->size() < most_rows && (!follow || !pause())) return "";
    }
}

Recording::Read<std::string> har_entry(const Recording& recording, std::uint64_t id) {
    const auto document = recording.document(id);
    const auto request = recording.request_body(id), response = recording.response_body(id);
    for (const auto* each : {&document, &request, &response})
        if (!*each) return std::unexpected(each->error());
    if (!*document) return "";
    return inspect::report::har_entry(**document, request->value_or(""), response->value_or(""));
}

// A file is whole whatever could not be read.
std::string print_har(LogReading& reading, const Recording& recording) {
    fmt::print("{}", inspect::report::har_begin(WHYTLS_VERSION));
    bool first = true;
    std::string error = each_row(recording, false, [&](const Recording::Row& row) -> std::string {
        if (!reading.wants_flow(row.id, row.json)) return "";
        const auto entry = har_entry(recording, row.id);
        if (!entry) return entry.error();
        if (entry->empty()) {
            reading.tell("has no document");
            return "";
        }
        fmt::print("{}{}", std::exchange(first, false) ? "" : inspect::report::har_between, *entry);
        return "";
    });
    fmt::print("{}", inspect::report::har_end());
    return error;
}

// A flow that is followed is shown once, when it is over.
void read_recording(LogReading& reading, const LogCommand& command) {
    const Recording recording(command.record);
    reading.begin(command.record);
    const std::string error = command.har ? print_har(reading, recording)
                                          : each_row(recording, command.follow, [&](const Recording::Row& row) {
                                                reading.take_flow(row.id, row.json);
                                                return std::string();
                                            });
    reading.end(0);
    if (!error.empty()) reading.break_off(error);
}

}  // namespace

int run_log_command(const LogCommand& command) {
    LogReading reading(command);
    // Each line is there when it is read.
    if (command.follow) std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (!command.record.empty()) read_recording(reading, command);
    for (const std::string& file : command.files) {
        if (command.follow && file != "-") {
            follow(reading, file);
            continue;
        }
        for (const LogPart& part : log_parts(file)) read(reading, part);
    }
    reading.tell_if_none();
    return reading.exit_code();
}

}  // namespace proxy
