#include "proxy/command/log/log_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

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

}  // namespace

void LogOptions::add_to(CLI::App& app) {
    app.add_option(
           "FILE", files_,
           "what --log wrote; what it was rotated into (FILE.1, FILE.2 …) is read before it; - is the standard input")
        ->type_name("");
    app.add_flag("--failed", failed_, "show only failed handshakes, those of clients too, and failed requests");
    app.add_option("--host", host_, "show only those of this host: a name, *.example.com or *")
        ->type_name("PATTERN")
        ->take_last();
    app.add_option("--since", since_, "show what is not older: 30m, 1h, 2d, or an RFC 3339 time")
        ->type_name("TIME")
        ->take_last();
    app.add_flag("--json", json_, "print the lines as they are in the log");
    app.footer(
        "Examples:\n"
        "  whytls log whytls.log --failed --since 1h\n"
        "  whytls log whytls.log --host '*.example.com' --json\n"
        "\n"
        "Times are UTC; server and client are handshakes with either. ms: of a request, until the end of its response.\n"
        "A line that cannot be read is told on stderr with its file and number, and reading goes on.\n"
        "Exit code: 0 every line was read, 1 some could not be, 2 a mistake in the command line, or a file that cannot be opened or is no "
        "log.");
}

LogCommand LogOptions::settle() const {
    if (files_.empty())
        throw UsageError("log takes a FILE, what --log of the proxy wrote, or - for the standard input");
    if (std::ranges::count(files_, "-") > 1) throw UsageError("log can read the standard input (-) once only");
    LogCommand command;
    command.files = files_;
    command.failed = failed_;
    if (!host_.empty()) command.host = parse_pattern(host_, "--host");
    command.since = parse_since(since_);
    command.json = json_;
    return command;
}

}  // namespace proxy
