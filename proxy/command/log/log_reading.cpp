#include "proxy/command/log/log_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/terminal.h"
#include "proxy/io/clock.h"
#include "proxy/log/log_writer.h"

namespace proxy {

namespace {

namespace report = inspect::report;

// For each file: one that is no log at all must not fill the screen.
constexpr std::uint64_t most_told = 10;
// More flows than fail at the same time; each has at most a line of text here.
constexpr std::size_t most_reasons = 256;

std::string_view words(report::LogLineProblem problem) {
    return problem == report::LogLineProblem::not_json ? "is not JSON" : "is not an event of whytls";
}

}  // namespace

LogReading::LogReading(const LogCommand& command) : command_(command), ink_(paper_of_stdout().ink) {
    if (const auto* ago = std::get_if<std::chrono::seconds>(&command.since))
        since_ = certs::Time{io::now().seconds - ago->count()};
    if (const auto* time = std::get_if<certs::Time>(&command.since)) since_ = *time;
}

void LogReading::begin(std::string_view name) {
    name_ = report::for_terminal(name);
    number_ = problems_ = 0;
    is_log_ = false;
    held_.clear();
}

void LogReading::take(const LineReader::Line& line) {
    ++number_;
    if (line.too_long) return tell(fmt::format("is longer than {} bytes", report::longest_log_line));
    if (!line.text.empty()) show(line);
}

void LogReading::take_flow(std::uint64_t id, const std::string& row) {
    const auto entry = wanted_flow(id, row);
    if (!entry || (command_.follow && !entry->complete)) return;
    if (!command_.json)
        return print(command_.follow ? report::log_flow_row(*entry, ink_) : report::log_table_row(*entry, ink_));
    shown_ = true;
    fmt::print("{}\n", report::with_escapes(row));
}

bool LogReading::wants_flow(std::uint64_t id, std::string_view row) {
    const bool wanted = wanted_flow(id, row).has_value();
    shown_ = shown_ || wanted;
    return wanted;
}

std::optional<report::LogEntry> LogReading::wanted_flow(std::uint64_t id, std::string_view row) {
    unit_ = "flow";
    number_ = id;
    is_log_ = true;
    auto entry = report::parse_flow_row(row);
    if (!entry) tell(words(entry.error()));
    if (!entry || !wanted(*entry)) return std::nullopt;
    return *std::move(entry);
}

void LogReading::break_off(const std::string& why) {
    unread_ = true;
    std::fflush(stdout);
    say(fmt::format("whytls: {}: no more can be read: {}", name_, why));
}

void LogReading::end(int error) {
    if (error != 0) tell(fmt::format("is the last that could be read: {}", std::strerror(error)));
    if (is_no_log()) {
        no_log_ = true;
        return say(fmt::format("whytls: {} is no log of whytls: {}", name_, held_.front()));
    }
    if (problems_ > most_told)
        say(fmt::format("whytls: {}: {} more {}s could not be read", name_, problems_ - most_told, unit_));
}

void LogReading::tell_if_none() const {
    const bool chosen = command_.failed || command_.host || since_ || command_.filter;
    if (shown_ || !chosen || no_log_) return;
    if (!command_.record.empty()) return say(fmt::format("whytls: no flow of {} matches", name_));
    std::vector<std::string> files;
    for (const std::string& file : command_.files) files.push_back(inspect::diagnosis::file_name(file));
    say(fmt::format("whytls: no line of {} matches", report::for_terminal(inspect::diagnosis::listed(files, 4), 1024)));
}

void LogReading::tell(std::string_view what) {
    unread_ = true;
    if (++problems_ > most_told) return;
    held_.push_back(fmt::format("{} {} {}", unit_, number_, what));
    if (is_log_) tell_held();
}

void LogReading::tell_held() {
    std::fflush(stdout);
    for (const std::string& each : held_) say(fmt::format("whytls: {}, {}", name_, each));
    held_.clear();
}

void LogReading::show(const LineReader::Line& line) {
    const auto entry = report::parse_log_line(line.text);
    if (!entry) return tell(line.ended ? words(entry.error()) : "is cut off");
    if (!std::exchange(is_log_, true)) tell_held();
    if (command_.follow && !command_.json) return show_flow(*entry);
    if (!wanted(*entry)) return;
    if (command_.json) {
        shown_ = true;
        fmt::print("{}\n", report::with_escapes(line.text));
        return;
    }
    print(report::log_table_row(*entry, ink_));
}

// A flow ends with its request's line, or with the client's handshake that failed: that one has the
// row, and says why the handshake with the server had failed.
void LogReading::show_flow(report::LogEntry entry) {
    if (entry.event == "upstream_handshake") {
        if (!entry.failed) return;
        reasons_.emplace_back(std::move(entry.id), std::move(entry.title));
        if (reasons_.size() > most_reasons) reasons_.pop_front();
        return;
    }
    if (entry.event == "client_handshake" && !entry.failed) return;
    const auto reason = std::ranges::find(reasons_, entry.id, &std::pair<std::string, std::string>::first);
    if (reason != reasons_.end()) {
        if (entry.title.empty()) entry.title = std::move(reason->second);
        reasons_.erase(reason);
    }
    if (wanted(entry)) print(report::log_flow_row(entry, ink_));
}

bool LogReading::wanted(const report::LogEntry& entry) const {
    return (!command_.failed || entry.failed) &&
           (!command_.host || (!entry.host.empty() && command_.host->matches(entry.host))) &&
           (!since_ || entry.time >= *since_) &&
           (!command_.filter || command_.filter->matches(report::subject_of(entry)));
}

void LogReading::print(const std::string& row) {
    shown_ = true;
    if (!std::exchange(headed_, true)) fmt::print("{}", report::log_table_heading(ink_));
    fmt::print("{}", row);
}

}  // namespace proxy
