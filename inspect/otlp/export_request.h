// OTLP's messages (opentelemetry/proto/collector/*/v1) as Protocol Buffers: requests with spans and
// log records, and a collector's responses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "inspect/otlp/telemetry.h"

namespace inspect::otlp {

// A span or a log record as it is in a request. Text is made UTF-8; of a long value the beginning.
std::string encoded(const Span& span);
std::string encoded(const LogRecord& record);

// An ExportTraceServiceRequest of encoded spans or an ExportLogsServiceRequest of encoded log
// records: both have the same fields. `resource` says whose they are.
std::string export_request(const Attributes& resource, std::string_view version, const std::vector<std::string>& items);

// What a collector says beside its status.
struct ExportResponse {
    std::uint64_t rejected = 0;  // of the request's items
    std::string message;         // "" without one; not to be trusted
    bool operator==(const ExportResponse&) const = default;
};

// Of an Export*ServiceResponse, for a request that was accepted. What cannot be read says nothing.
ExportResponse read_export_response(certs::Bytes body);
// The message of a google.rpc.Status, for a request that was not.
std::string read_status(certs::Bytes body);

}  // namespace inspect::otlp
