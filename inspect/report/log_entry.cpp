#include "inspect/report/log_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "inspect/report/pen.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

using Object = nlohmann::json;

// The members that rows need lie at the top level or at most two below it. Deeper members are not
// kept, however deep they go.
constexpr int deepest = 3;

// "" unless the member is a text.
std::string text(const Object& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<double> number(const Object& object, std::string_view name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const auto value = found->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// nullptr unless the member is an object.
const Object* member(const Object& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_object() ? &*found : nullptr;
}

std::optional<double> timing(const Object& object, std::string_view name) {
    const Object* timings = member(object, "timing_ms");
    return timings ? number(*timings, name) : std::nullopt;
}

// The host of a URL, or of the host:port of a CONNECT.
std::string host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
    if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
    return std::string(url.substr(0, url.rfind(':')));
}

std::string joined(std::string_view a, std::string_view b) {
    return fmt::format("{}{}{}", a, a.empty() || b.empty() ? "" : " ", b);
}

bool says(const Object& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

void read_handshake(LogEntry& entry, const Object& line) {
    const std::string code = text(line, "code"), verdict = text(line, "verdict");
    entry.failed = verdict == "failed" || (verdict.empty() && !code.empty());
    entry.warned = !entry.failed && (verdict == "warning" || says(line, "let_through"));
    entry.code = code;
    entry.host = text(line, "host");
    entry.result = joined(verdict == "ok" ? "ok" : verdict == "warning" ? "warning" : "", code);
    if (entry.failed) entry.title = text(line, "title");
}

void read_upstream(LogEntry& entry, const Object& line) {
    read_handshake(entry, line);
    const auto port = number(line, "port");
    entry.url = entry.subject = port ? fmt::format("{}:{:.0f}", entry.host, *port) : entry.host;
    entry.client = text(line, "client");
    if (const Object* tls = member(line, "tls")) entry.protocol = text(*tls, "alpn");
    for (const std::string_view phase : {"dns", "connect", "handshake"}) {
        if (const auto taken = timing(line, phase)) entry.milliseconds = entry.milliseconds.value_or(0) + *taken;
    }
}

void read_client(LogEntry& entry, const Object& line) {
    read_handshake(entry, line);
    if (entry.host.empty()) entry.host = text(line, "sni");
    entry.client = text(line, "client");
    entry.subject = joined(entry.host, entry.client.empty() ? "" : "from " + entry.client);
    if (entry.failed) entry.fix = joined(text(line, "fix"), text(line, "command"));
}

// How a WebSocket was closed: "closed 1000", "no close frame".
void read_websocket(LogEntry& entry, const Object& websocket) {
    const Object* close = member(websocket, "close");
    const std::string by = close ? text(*close, "by") : "";
    if (by.empty()) return;
    const auto code = number(*close, "code");
    const std::string closed = code ? fmt::format("closed {:.0f}", *code) : "closed";
    entry.result = joined(entry.result, by == "whytls" ? "" : by == "none" ? "no close frame" : closed);
    if (const std::string reason = text(*close, "reason"); !reason.empty())
        entry.title = fmt::format("the {} closed it: {}", by, reason);
}

void read_request(LogEntry& entry, const Object& line) {
    const std::string code = text(line, "code"), url = text(line, "url"), passed = text(line, "let_through");
    const double status = number(line, "status").value_or(0);
    entry.failed = !code.empty();
    entry.warned = code.empty() && !passed.empty();
    entry.code = code.empty() ? passed : code;
    entry.host = host_of(url);
    entry.url = url;
    entry.method = text(line, "method");
    entry.client = text(line, "client");
    entry.client_protocol = text(line, "protocol");
    entry.protocol = text(line, "server_protocol");
    if (status >= 0 && status <= 999) entry.status = static_cast<int>(status);
    if (const auto bytes = number(line, "response_bytes"); bytes && *bytes >= 0 && *bytes < 0x1p53)
        entry.response_bytes = static_cast<std::uint64_t>(*bytes);
    entry.subject = joined(entry.method, url);
    entry.result = joined(status > 0 ? fmt::format("{:.0f}", status) : "-", code);
    if (text(line, "ended_by") == "stop") entry.result = joined(entry.result, "cut off: whytls stopped");
    if (text(line, "ended_by") == "idle_timeout") entry.result = joined(entry.result, "idle time-out");
    if (!passed.empty()) entry.result = joined(entry.result, "despite " + passed);
    entry.title = text(line, "remark");
    if (const Object* websocket = member(line, "websocket")) read_websocket(entry, *websocket);
    entry.milliseconds = timing(line, "total");
}

// A row says in one line what the log says in those of a request and its handshakes.
void read_row(LogEntry& entry, const Object& row) {
    entry.id = text(row, "flow");
    entry.failed = says(row, "failed");
    entry.warned = says(row, "warned");
    entry.code = text(row, "code");
    entry.host = text(row, "host");
    entry.url = text(row, "url");
    entry.method = text(row, "method");
    entry.client = text(row, "client");
    entry.client_protocol = text(row, "protocol");
    entry.protocol = text(row, "server_protocol");
    entry.mime = text(row, "mime");
    const double status = number(row, "status").value_or(-1);
    if (status >= 0 && status <= 999) entry.status = static_cast<int>(status);
    if (const auto bytes = number(row, "response_bytes"); bytes && *bytes >= 0 && *bytes < 0x1p53)
        entry.response_bytes = static_cast<std::uint64_t>(*bytes);
    entry.milliseconds = number(row, "total_ms");
    if (entry.failed) entry.title = text(row, "title");
    entry.complete = says(row, "complete");
}

void describe_row(LogEntry& entry, const Object& row) {
    const auto port = number(row, "port");
    const std::string server = port ? fmt::format("{}:{:.0f}", entry.host, *port) : entry.host;
    if (entry.event == "request") {
        entry.subject = joined(entry.method, entry.url);
        entry.result = entry.status.value_or(0) > 0 ? std::to_string(*entry.status) : "-";
        if (!entry.code.empty()) entry.result = joined(entry.result, (entry.failed ? "" : "despite ") + entry.code);
    } else {
        const bool server_side = entry.event == "upstream_handshake";
        if (entry.url.empty() && server_side) entry.url = server;
        entry.subject = server_side ? server : joined(entry.host, entry.client.empty() ? "" : "from " + entry.client);
        entry.result = joined(entry.failed ? "" : entry.warned ? "warning" : "ok", entry.code);
    }
    if (!entry.complete) entry.result = joined(entry.result, "not complete");
}

std::string_view short_name(std::string_view event) {
    if (event == "upstream_handshake") return "server";
    if (event == "client_handshake") return "client";
    return event;
}

// At least `width` columns: readers look for its content, so it is not cut to the width.
std::string cell(std::string_view value, std::size_t width) {
    constexpr std::size_t widest = 100;
    std::string result = for_terminal(value, widest);
    result.append(width - std::min(width, columns(result)), ' ');
    return result;
}

constexpr std::size_t time_width = 19, event_width = 7, result_width = 38;  // "200 despite unknown_critical_extension"
constexpr std::size_t longest_subject = 2048;                               // bytes

std::string columns_of(const LogEntry& entry, Ink ink) {
    std::string time = certs::rfc3339(entry.time);
    time = time.substr(0, 10) + " " + time.substr(11, 8);
    const std::string result = cell(entry.result, result_width);
    const std::string taken =
        entry.milliseconds ? fmt::format("{:.1f}", std::clamp(*entry.milliseconds, 0.0, 99'999'999.0)) : "";
    return fmt::format(
        "{}  {}  {}  {:>8}  {}", time, cell(short_name(entry.event), event_width),
        entry.failed || entry.warned ? painted(result, entry.failed ? Pen::bad : Pen::warning, ink) : result, taken,
        for_terminal(entry.subject, longest_subject));
}

}  // namespace

std::expected<LogEntry, LogLineProblem> parse_log_line(std::string_view line) {
    const auto keep = [](int depth, Object::parse_event_t, Object&) { return depth <= deepest; };
    const Object object = Object::parse(line, keep, false);
    if (object.is_discarded()) return std::unexpected(LogLineProblem::not_json);
    if (!object.is_object()) return std::unexpected(LogLineProblem::not_an_event);
    LogEntry entry;
    entry.event = text(object, "event");
    const auto time = certs::parse_rfc3339(text(object, "time"));
    if (entry.event.empty() || !time) return std::unexpected(LogLineProblem::not_an_event);
    entry.time = *time;
    entry.id = text(object, "id");
    if (entry.event == "upstream_handshake")
        read_upstream(entry, object);
    else if (entry.event == "client_handshake")
        read_client(entry, object);
    else if (entry.event == "request")
        read_request(entry, object);
    else
        entry.subject = joined(text(object, "what"), text(object, "detail"));
    return entry;
}

std::expected<LogEntry, LogLineProblem> parse_flow_row(std::string_view row) {
    const auto keep = [](int depth, Object::parse_event_t, Object&) { return depth <= deepest; };
    const Object object = Object::parse(row, keep, false);
    if (object.is_discarded()) return std::unexpected(LogLineProblem::not_json);
    if (!object.is_object()) return std::unexpected(LogLineProblem::not_an_event);
    LogEntry entry;
    entry.event = text(object, "kind");
    const auto time = certs::parse_rfc3339(text(object, "time"));
    if (entry.event.empty() || !time) return std::unexpected(LogLineProblem::not_an_event);
    entry.time = *time;
    read_row(entry, object);
    describe_row(entry, object);
    return entry;
}

std::string log_table_heading(Ink ink) {
    const std::string heading = fmt::format("{}  {}  {}  {:>8}  where", cell("time (UTC)", time_width),
                                            cell("event", event_width), cell("result", result_width), "ms");
    return painted(heading, Pen::bold, ink) + "\n";
}

Subject subject_of(const LogEntry& entry) {
    Subject subject = {.url = entry.url,
                       .host = entry.host,
                       .method = entry.method,
                       .status = entry.status,
                       .code = entry.code,
                       .title = entry.title,
                       .client = entry.client,
                       .client_protocol = entry.client_protocol,
                       .server_protocol = entry.protocol,
                       .mime = entry.mime,
                       .size = entry.response_bytes,
                       .milliseconds = entry.milliseconds,
                       .failed = entry.failed,
                       .warned = entry.warned};
    if (entry.event == "proxy") subject.title = entry.subject;
    return subject;
}

std::string log_table_row(const LogEntry& entry, Ink ink) {
    std::string row = columns_of(entry, ink) + "\n";
    for (const std::string& below : {entry.title, entry.fix})
        if (!below.empty()) row += fmt::format("{:{}}  {}\n", "", time_width, for_terminal(below, 1024));
    return row;
}

std::string log_flow_row(const LogEntry& entry, Ink ink) {
    std::string row = columns_of(entry, ink);
    if (!entry.title.empty())
        row += "  " + painted(fmt::format("({})", for_terminal(entry.title, 1024)), Pen::soft, ink);
    return row + "\n";
}

}  // namespace inspect::report
