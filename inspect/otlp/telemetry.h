// OpenTelemetry's spans and log records as values: what the protocol has a field for, and whytls a
// use. Times are nanoseconds since 1970 in UTC.
// https://github.com/open-telemetry/opentelemetry-proto
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inspect/otlp/trace_context.h"

namespace inspect::otlp {

struct Attribute {
    std::string_view key;  // a literal: a name of the semantic conventions
    std::variant<std::string, std::int64_t, bool, std::vector<std::string>> value;
    bool operator==(const Attribute&) const = default;
};
using Attributes = std::vector<Attribute>;

enum class SpanKind : std::uint8_t { server = 2, client = 3 };

struct Span {
    SpanContext context;
    std::optional<SpanId> parent;
    bool remote_parent = false;  // … it is another program's
    std::uint8_t flags = 1;      // of the trace context
    std::string trace_state;
    std::string name;
    SpanKind kind = SpanKind::server;
    std::int64_t start = 0, end = 0;
    Attributes attributes;
    std::vector<SpanContext> links;
    bool failed = false;
    std::string message;  // of a failure
};

enum class Severity : std::uint8_t { warning = 13, error = 17 };

struct LogRecord {
    std::int64_t time = 0;
    Severity severity = Severity::error;
    std::string_view event;  // a literal, what kind of event it is
    std::string body;
    Attributes attributes;
    SpanContext context;  // the span that it is about
    std::uint8_t flags = 1;
};

}  // namespace inspect::otlp
