// W3C Trace Context (https://www.w3.org/TR/trace-context/): the trace and the span that a request
// belongs to in its client. The fields are only read, and pass to the server as they came.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace inspect::otlp {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// Which span it is, among all.
struct SpanContext {
    TraceId trace{};
    SpanId span{};
    bool operator==(const SpanContext&) const = default;
};

// What a request says of the span that it was sent in.
struct TraceParent {
    SpanContext context;
    std::uint8_t flags = 0;  // 1: sampled
    std::string state;       // the value of tracestate; "" without one, or where it is longer than 512 bytes
    bool operator==(const TraceParent&) const = default;
};

// Parses a traceparent field (§3.2.2). A version later than 00 is read as version 00. nullopt: it is
// malformed, or one of its ids is all zeroes.
std::optional<TraceParent> parse_trace_parent(std::string_view value);

// That of a request; nullopt too when it has several, of which none is the one to follow.
std::optional<TraceParent> trace_parent_of(const http::Fields& fields);

}  // namespace inspect::otlp
