#include "proxy/command/logging_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "proxy/command/option_values.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// A recorded flow has two bodies in one row, and SQLite takes a billion bytes.
constexpr std::uint64_t most_of_body = 256 << 20;

std::size_t parse_body_limit(const std::string& text) {
    const std::uint64_t size = parse_size(text, "--body-limit");
    if (size > most_of_body) throw UsageError(fmt::format("--body-limit takes 0 to 256M, not '{}'", text));
    return size;
}

}  // namespace

void LoggingOptions::add_to(CLI::App& app) {
    app.add_option("--log", log_, "append one JSON line per handshake and request; - is stdout")
        ->type_name("FILE")
        ->take_last();
    app.add_option("--log-max-size", max_size_,
                   "rename the log to FILE.1 when it has grown to that, with K, M or G after it (100M; 0 = never)")
        ->type_name("SIZE")
        ->take_last();
    app.add_option("--log-keep", keep_, "renamed logs to keep: FILE.1, the newest, to FILE.NUMBER (5)")
        ->type_name("NUMBER")
        ->take_last();
    app.add_option("--record", record_,
                   "keep each flow with its bodies in this directory, for `whytls log --record` and the page")
        ->type_name("DIR")
        ->take_last();
    app.add_option("--har", har_, "write what has passed as HAR 1.2 to that file when the proxy stops")
        ->type_name("FILE")
        ->take_last();
    app.add_option("--body-limit", body_limit_,
                   "how much of one body the page and --record keep, with K, M or G after it (1M; 0 = nothing)")
        ->type_name("SIZE")
        ->take_last();
    app.add_option(
           "--redact", redact_,
           "mask the values of this query parameter, percent-encoded or not, in the log and in answers; may be given again")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--log-secrets", secrets_,
                 "write URLs into the log as they are, with what --redact names and user:password@");
}

void LoggingOptions::settle(Settings& settings) const {
    const bool named = std::ranges::none_of(redact_, [](const std::string& name) {
        return name.empty() || name.find_first_of("=&?") != std::string::npos;
    });
    if (!named) throw UsageError("--redact takes the name of a query parameter, for example api_key");
    if (keep_ > most_rotated) throw UsageError(fmt::format("--log-keep takes 0 to {}, not {}", most_rotated, keep_));
    settings.log = log_;
    settings.log_rotation = {parse_size(max_size_, "--log-max-size"), keep_};
    if (record_) {
        if (record_->empty()) throw UsageError("--record takes a directory");
        settings.record = *record_;
    }
    settings.har = har_;
    settings.body_limit = parse_body_limit(body_limit_);
    settings.secrets = {redact_, secrets_};
}

}  // namespace proxy
