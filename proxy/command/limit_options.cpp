#include "proxy/command/limit_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "proxy/command/option_values.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// Below the first no browser's request fits. Beyond the last a head is no longer a head, and each
// connection may hold two of them.
constexpr std::uint64_t least_header = 1 << 10, most_header = 16 << 20;

std::size_t parse_header_size(const std::string& text) {
    const std::uint64_t size = parse_size(text, "--max-header");
    if (size < least_header || size > most_header)
        throw UsageError(fmt::format("--max-header takes 1K to 16M, not '{}'", text));
    return size;
}

}  // namespace

void LimitOptions::add_to(CLI::App& app) {
    app.add_option("--response-timeout", response_timeout_,
                   "seconds until the first byte of a response (300; 0 = none)")
        ->type_name("SECONDS")
        ->take_last();
    app.add_option(
           "--idle-timeout", idle_timeout_,
           "seconds without a byte in either direction until a connection or tunnel is ended, and for one request head (300)")
        ->type_name("SECONDS")
        ->take_last();
    app.add_option("--max-header", max_header_,
                   "the largest head of a request or a response, with K or M after it (64K)")
        ->type_name("SIZE")
        ->take_last();
    app.add_option("--max-connections-per-client", max_connections_per_client_,
                   "connections at a time from one address; more are answered with 503 (4096)")
        ->type_name("NUMBER")
        ->take_last();
}

void LimitOptions::settle(Settings& settings) const {
    settings.response_timeout = response_timeout_ == 0 ? 0 : positive_seconds(response_timeout_, "--response-timeout");
    settings.idle_timeout = positive_seconds(idle_timeout_, "--idle-timeout");
    const std::size_t header = parse_header_size(max_header_);
    settings.limits = {.head = header, .trailers = header};
    if (max_connections_per_client_ == 0)
        throw UsageError("--max-connections-per-client takes a number, 1 or more, not 0");
    settings.most_connections_per_client = max_connections_per_client_;
}

}  // namespace proxy
