#include "proxy/command/log/log_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "inspect/report/print/escape.h"
#include "inspect/report/print/redaction.h"
#include "proxy/command/option_values.h"

namespace proxy {

namespace {

using Since = decltype(LogCommand::since);

// 1h, 30m, 2d, 45s, or a time.
Since parse_since(const std::string& text) {
    if (text.empty()) return {};
    if (const auto time = certs::parse_rfc3339(text)) return *time;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, text.data() + text.size());
    const std::int64_t seconds = unit == "s"   ? 1
                                 : unit == "m" ? 60
                                 : unit == "h" ? 3'600
                                 : unit == "d" ? certs::day
                                               : 0;
    constexpr std::int64_t most = 100'000;  // of any unit
    if (error != std::errc{} || seconds == 0 || number < 0 || number > most)
        throw UsageError(
            fmt::format("--since takes a while ago, as 30m, 1h or 2d, or an RFC 3339 time, not '{}'", text));
    return std::chrono::seconds(number * seconds);
}

// The part of a filter around the place of its mistake, and a caret below that place.
std::vector<std::string> pointed_at(std::string_view text, std::size_t position) {
    constexpr std::size_t before = 60, after = 40;  // bytes
    // A URL's password is not repeated.
    if (inspect::report::without_passwords(text) != text) return {};
    const auto continues = [&](std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
    };
    std::size_t begin = position > before ? position - before : 0;
    while (continues(begin)) ++begin;
    std::size_t end = std::min(text.size(), position + after);
    while (continues(end)) --end;
    const std::string left = inspect::report::for_terminal(text.substr(begin, position - begin));
    const std::string right = inspect::report::for_terminal(text.substr(position, end - position));
    return {"  " + left + right, std::string(2 + inspect::report::columns(left), ' ') + "^"};
}

inspect::Filter parse_filter(const std::string& text) {
    auto filter = inspect::Filter::parse(text);
    if (filter) return *std::move(filter);
    CommandLineError error("whytls", "--filter: " + filter.error().message);
    error.below = pointed_at(text, filter.error().position);
    throw error;
}

}  // namespace

void LogOptions::add_to(CLI::App& app) {
    app.add_option(
           "FILE", files_,
           "what --log wrote; what it was rotated into (FILE.1, FILE.2 …) is read before it; - is the standard input")
        ->type_name("");
    app.add_option(
           "--record", record_,
           "in place of a FILE: show the flows that the proxy's --record kept in this directory, while it writes too")
        ->type_name("DIR")
        ->take_last();
    app.add_flag("--failed", failed_, "show only failed handshakes, those of clients too, and failed requests");
    app.add_option("--host", host_, "show only those of this host: a name, *.example.com or *")
        ->type_name("PATTERN")
        ->take_last();
    app.add_option("--since", since_, "show what is not older: 30m, 1h, 2d, or an RFC 3339 time")
        ->type_name("TIME")
        ->take_last();
    app.add_option("--filter", filter_,
                   "show only what matches: words and keys, as 'api status:>=500 -code:expired'; see below")
        ->type_name("TEXT")
        ->take_last();
    app.add_flag("--follow", follow_,
                 "go on with what is appended, through rotations, until it is ended; one line a flow");
    app.add_flag("--json", json_, "print the lines as they are in the log; of a recording one object a flow");
    app.add_flag("--har", har_, "print the flows of --record as a HAR file, which browsers' tools read");
    app.footer(
        "Examples:\n"
        "  whytls log whytls.log --failed --since 1h\n"
        "  whytls log whytls.log --host '*.example.com' --json\n"
        "  whytls log whytls.log --follow --filter 'failed or time:>1s'\n"
        "  whytls log --record session --filter mime:json\n"
        "  whytls log --record session --failed --har > failed.har\n"
        "\n"
        "A filter's words are looked for in URL, host, code and title. A blank is 'and', 'or' binds weaker, '-' negates, (…) groups, \"…\" "
        "keeps blanks.\n"
        "Its keys: host:*.example.com method:POST status:>=500 status:5xx code:expired client:127.0.0.1 proto:h2 size:>1mb time:>200ms "
        "time:1s..5s failed warned\n"
        "\n"
        "Times are UTC; server and client are handshakes with either. ms: of a request, until the end of its response.\n"
        "A line that cannot be read is told on stderr with its file and number, and reading goes on.\n"
        "Exit code: 0 every line was read, 1 some could not be, 2 a mistake in the command line, or a file that cannot be opened or is no "
        "log.");
}

LogCommand LogOptions::settle() const {
    if (files_.empty() && record_.empty())
        throw UsageError(
            "log takes a FILE, what --log of the proxy wrote, or - for the standard input; or --record DIR, a recorded session");
    if (!files_.empty() && !record_.empty())
        throw UsageError(fmt::format("log reads a FILE or --record DIR, not {} and {}", files_.front(), record_));
    if (std::ranges::count(files_, "-") > 1) throw UsageError("log can read the standard input (-) once only");
    if (har_ && record_.empty()) throw UsageError("log --har takes --record DIR: a log has no heads and no bodies");
    if (har_ && (json_ || follow_))
        throw UsageError(fmt::format("log prints --har or {}, not both", json_ ? "--json" : "--follow"));
    LogCommand command;
    command.files = files_;
    command.record = record_;
    command.failed = failed_;
    if (!host_.empty()) command.host = parse_pattern(host_, "--host");
    command.since = parse_since(since_);
    if (!filter_.empty()) command.filter = parse_filter(filter_);
    if (follow_ && files_.size() > 1) throw UsageError("log --follow takes one FILE");
    command.follow = follow_;
    command.json = json_;
    command.har = har_;
    return command;
}

}  // namespace proxy
