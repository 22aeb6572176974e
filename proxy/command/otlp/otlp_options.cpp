#include "proxy/command/otlp/otlp_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "proxy/settings/settings.h"

namespace proxy {

namespace {

namespace http = inspect::http;

// As OTEL_EXPORTER_OTLP_ENDPOINT: "/v1/traces" and "/v1/logs" follow its path, and are left out of it
// where they were given.
std::string base_path(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    for (const std::string_view signal : {"/v1/traces", "/v1/logs"})
        if (path.ends_with(signal)) path.resize(path.size() - signal.size());
    return path + "/";
}

bool is_web(const std::optional<http::Target>& target) {
    return target && (target->scheme == "https" || target->scheme == "http") && !target->path_and_query.contains('?');
}

Collector parse_collector(const std::string& text) {
    auto target = http::parse_target("GET", text);
    if (text.contains('@') && text.contains("://"))  // not repeated: it may be a password
        throw UsageError(
            "--otlp takes a URL without user and password; give them as --otlp-header 'Authorization: Basic …'");
    if (!is_web(target)) {
        const bool meant = !text.contains("://") && is_web(http::parse_target("GET", "http://" + text));
        throw UsageError(fmt::format(
            "--otlp takes the URL of a collector, without a query, for example http://127.0.0.1:4318, not '{}'{}", text,
            meant ? fmt::format("; did you mean http://{}?", text) : ""));
    }
    target->path_and_query = base_path(std::move(target->path_and_query));
    const std::string path = target->path_and_query == "/" ? "" : target->path_and_query;
    return {.url = *target, .headers = {}, .shown = fmt::format("{}://{}{}", target->scheme, authority(*target), path)};
}

// The value is a secret, and never repeated.
void add_header(Collector& collector, const std::string& text) {
    constexpr std::array own = {"Host",           "Content-Type",      "Content-Encoding",
                                "Content-Length", "Transfer-Encoding", "Connection"};
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    const bool printable =
        std::ranges::none_of(text, [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; });
    if (colon == std::string::npos || !http::is_token(name) || !printable)
        throw UsageError("--otlp-header takes 'NAME: VALUE', for example 'Authorization: Bearer …'");
    if (std::ranges::any_of(own, [&](const char* each) { return http::same_name(name, each); }))
        throw UsageError(fmt::format("--otlp-header {}: whytls sets that field itself", name));
    collector.headers.add(name, text.substr(colon + 1));
}

}  // namespace

void OtlpOptions::add_to(CLI::App& app) {
    app.add_option("--otlp", url_, "send spans and logs to an OpenTelemetry collector (OTLP/HTTP, protobuf)")
        ->type_name("URL")
        ->take_last();
    app.add_option("--otlp-header", headers_,
                   "a field of each request to that collector, 'NAME: VALUE'; may be given again")
        ->type_name("FIELD")
        ->allow_extra_args(false);
}

void OtlpOptions::settle(Settings& settings) const {
    if (!url_ && !headers_.empty())
        throw UsageError("--otlp-header needs --otlp: it is for requests to that collector");
    if (!url_) return;
    settings.otlp = parse_collector(*url_);
    for (const std::string& each : headers_) add_header(*settings.otlp, each);
    constexpr std::uint16_t of_grpc = 4317, of_http = 4318;  // as registered with IANA
    if (settings.otlp->url.port == of_grpc)
        settings.warnings.push_back(
            fmt::format("warning: --otlp {}: {} is the port of OTLP over gRPC; OTLP/HTTP, which is spoken here, has {}",
                        settings.otlp->shown, of_grpc, of_http));
}

}  // namespace proxy
