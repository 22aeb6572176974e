// A flow in the names of OpenTelemetry's semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/registry/attributes/).
#pragma once

#include "inspect/flow/record.h"
#include "inspect/otlp/telemetry.h"
#include "inspect/report/log.h"

namespace inspect::otlp {

// "GET"; "_OTHER" for a method that the conventions do not know.
std::string_view known_method(std::string_view method);

// Of a request, and of the client's connection that it came on.
Attributes request_attributes(const Record& record, const report::Secrets& secrets);
// Of a handshake with a server.
Attributes handshake_attributes(const diagnosis::Diagnosis& found);
// Of a client's handshake that failed.
Attributes client_attributes(const Record& record);

// What a request failed with: a code of the contract, or the status when that is a server's error
// (5xx). "" when it did not fail.
std::string error_type(const Flow& flow);

}  // namespace inspect::otlp
