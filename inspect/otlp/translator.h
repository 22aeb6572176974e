// Translates a flow to OpenTelemetry: its spans, and a log record for each failure or warning. A
// request is a span of kind SERVER, as its client's own span is of kind CLIENT and its parent; the
// handshake with the server is a span of kind CLIENT inside that of the first request over the
// connection, and later ones link to it. Knows no clock and no socket; not shared between threads
// without a lock. Bounded.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "inspect/flow/record.h"
#include "inspect/otlp/telemetry.h"
#include "inspect/report/log.h"

namespace inspect::otlp {

// What one flow, or several, come to.
struct Told {
    std::vector<Span> spans;
    std::vector<LogRecord> logs;
};

class Translator {
public:
    // `seed`: bytes that no one can guess and no other run has; ids are made of them. Secrets in URLs
    // are masked as in the log.
    Translator(std::string seed, report::Secrets secrets) : seed_(std::move(seed)), secrets_(std::move(secrets)) {}

    // Of a complete flow, once. A failed handshake with a server is held back for the request that
    // it failed.
    Told tell(const Record& record);
    // The failed handshakes that were held back already when this was called last: no request has
    // come for them. With `all`, the later ones too.
    Told settle(bool all);
    bool holds_some() const { return !held_.empty(); }

private:
    struct Handshake {
        Span span;
        std::vector<LogRecord> logs;  // none, or one
        bool old = false;             // held back since before the last settle()
    };

    SpanContext new_context(std::string_view what, std::string_view name) const;
    Handshake handshake_of(const Record& record) const;
    Span request_span(const Record& record) const;
    void tell_request(const Record& record, Told& told);
    void tell_server(const Record& record, Span& request, Told& told);
    void tell_client(const Record& record, Told& told) const;
    void remember(const std::string& connection, const SpanContext& context);

    std::string seed_;
    report::Secrets secrets_;
    std::map<std::string, Handshake> held_;          // by the connection
    std::map<std::string, SpanContext> handshakes_;  // that were told, by the connection
    std::deque<std::string> order_;                  // of handshakes_
};

}  // namespace inspect::otlp
