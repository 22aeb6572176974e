#include "inspect/otlp/translator.h"

#include <algorithm>
#include <cmath>

#include "certs/crypto.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/otlp/attributes.h"
#include "inspect/report/render.h"

namespace inspect::otlp {

namespace {

using diagnosis::Code;
using diagnosis::Outcome;

constexpr std::size_t most_connections = 10'000;  // as many as whytls may have
constexpr std::size_t most_held = 1'000;
constexpr std::string_view handshake_name = "TLS handshake";

// `at_ms` is in the time of Record::began_ms.
std::int64_t nanoseconds(const Record& record, double at_ms) {
    return record.unix_ms * 1'000'000 + std::llround((at_ms - record.began_ms) * 1e6);
}

// Without a ClientHello there was no handshake.
bool has_handshake(const Record& record) {
    if (!record.server) return false;
    const diagnosis::Diagnosis& found = record.server->diagnosis;
    return found.tls && (found.tls_begun || found.outcome != Outcome::failed);
}

void fail(Span& span, std::string_view title, Code code) {
    span.failed = true;
    span.message = title.empty() ? name(code) : diagnosis::headline(title);
}

LogRecord log_of(const Span& span, Severity severity, std::string_view event, std::string body) {
    return {.time = span.end,
            .severity = severity,
            .event = event,
            .body = std::move(body),
            .attributes = span.attributes,
            .context = span.context,
            .flags = span.flags};
}

// The handshake is a part of that span.
void adopt(Span& span, std::vector<LogRecord>& logs, const Span& parent) {
    span.context.trace = parent.context.trace;
    span.parent = parent.context.span;
    span.flags = parent.flags;
    span.trace_state = parent.trace_state;
    for (LogRecord& each : logs) each.context = span.context, each.flags = span.flags;
}

}  // namespace

SpanContext Translator::new_context(std::string_view what, std::string_view name) const {
    std::string text = seed_;
    text.append(what).append(" ").append(name);
    const auto digest = certs::sha256(certs::as_bytes(text));
    SpanContext context;
    std::copy_n(digest.begin(), context.trace.size(), context.trace.begin());
    std::copy_n(digest.begin() + context.trace.size(), context.span.size(), context.span.begin());
    return context;
}

Translator::Handshake Translator::handshake_of(const Record& record) const {
    const ServerLeg& server = *record.server;
    const diagnosis::Diagnosis& found = server.diagnosis;
    Handshake made;
    Span& span = made.span;
    span.context =
        new_context("connection", server.connection.empty() ? std::to_string(record.number) : server.connection);
    span.name = handshake_name;
    span.kind = SpanKind::client;
    const double began = server.opened_ms + found.timings.dns.value_or(0) + found.timings.connect.value_or(0);
    span.start = nanoseconds(record, began);
    span.end = nanoseconds(record, began + found.timings.handshake.value_or(0));
    span.attributes = handshake_attributes(found);
    const bool failed = found.outcome == Outcome::failed && !found.let_through;
    if (failed) fail(span, found.title, found.code);
    if (found.outcome != Outcome::ok)
        made.logs.push_back(log_of(span, failed ? Severity::error : Severity::warning, "whytls.upstream_handshake",
                                   report::sentence(found)));
    return made;
}

Span Translator::request_span(const Record& record) const {
    const Flow& flow = record.flow;
    Span span;
    span.context = new_context("flow", std::to_string(record.number));
    if (const auto parent = record.request ? trace_parent_of(record.request->fields) : std::nullopt) {
        span.context.trace = parent->context.trace;
        span.parent = parent->context.span;
        span.remote_parent = true;
        span.flags = parent->flags;
        span.trace_state = parent->state;
    }
    const std::string_view method = known_method(flow.method);
    span.name = method == flow.method ? method : "HTTP";
    span.kind = SpanKind::server;
    span.start = nanoseconds(record, record.began_ms);
    span.end = span.start + std::max<std::int64_t>(0, std::llround(flow.total_ms * 1e6));
    span.attributes = request_attributes(record, secrets_);
    span.failed = !error_type(flow).empty();
    const diagnosis::Diagnosis* found = record.diagnosis();
    if (flow.code != Code::none) fail(span, found && found->code == flow.code ? found->title : "", flow.code);
    return span;
}

void Translator::remember(const std::string& connection, const SpanContext& context) {
    if (connection.empty() || !handshakes_.emplace(connection, context).second) return;
    order_.push_back(connection);
    if (order_.size() <= most_connections) return;
    handshakes_.erase(order_.front());
    order_.pop_front();
}

void Translator::tell_server(const Record& record, Span& request, Told& told) {
    if (!has_handshake(record)) return;
    const std::string& connection = record.server->connection;
    if (const auto known = handshakes_.find(connection); known != handshakes_.end()) {
        request.links.push_back(known->second);
        return;
    }
    // Without a name it is told with the flow that began before it.
    if (connection.empty() && record.server->opened_ms < record.began_ms) return;
    const auto held = held_.find(connection);
    Handshake handshake = held == held_.end() ? handshake_of(record) : std::move(held->second);
    if (held != held_.end()) held_.erase(held);
    adopt(handshake.span, handshake.logs, request);
    remember(connection, handshake.span.context);
    told.spans.push_back(std::move(handshake.span));
    std::ranges::move(handshake.logs, std::back_inserter(told.logs));
}

void Translator::tell_request(const Record& record, Told& told) {
    Span span = request_span(record);
    tell_server(record, span, told);
    const diagnosis::Diagnosis* found = record.diagnosis();
    const Code code = record.flow.code;
    if (code != Code::none)
        told.logs.push_back(log_of(
            span, Severity::error, "whytls.request",
            found && found->code == code ? report::sentence(*found) : report::request_sentence(record.flow, secrets_)));
    told.spans.push_back(std::move(span));
}

void Translator::tell_client(const Record& record, Told& told) const {
    Span span;
    span.context = new_context("flow", std::to_string(record.number));
    span.name = handshake_name;
    span.kind = SpanKind::server;
    span.start = nanoseconds(record, record.began_ms);
    span.end = span.start + std::max<std::int64_t>(0, std::llround(record.flow.total_ms * 1e6));
    span.attributes = client_attributes(record);
    fail(span, record.own ? record.own->title : "", record.flow.code);
    told.logs.push_back(log_of(span, Severity::error, "whytls.client_handshake",
                               record.own ? report::sentence(*record.own) : span.message));
    told.spans.push_back(std::move(span));
}

Told Translator::tell(const Record& record) {
    Told told;
    if (record.imported) return told;
    switch (record.kind) {
        case Record::Kind::request: tell_request(record, told); break;
        case Record::Kind::client_handshake: tell_client(record, told); break;
        case Record::Kind::upstream_handshake:
            if (!has_handshake(record)) break;
            if (held_.size() >= most_held) told = settle(true);
            held_.insert_or_assign(record.server->connection, handshake_of(record));
            break;
    }
    return told;
}

Told Translator::settle(bool all) {
    Told told;
    for (auto each = held_.begin(); each != held_.end();) {
        Handshake& handshake = each->second;
        if (!all && !handshake.old) {
            handshake.old = true;
            ++each;
            continue;
        }
        remember(each->first, handshake.span.context);
        told.spans.push_back(std::move(handshake.span));
        std::ranges::move(handshake.logs, std::back_inserter(told.logs));
        each = held_.erase(each);
    }
    return told;
}

}  // namespace inspect::otlp
