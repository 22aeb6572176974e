// The log's lines (contract §5): one JSON object each, without the line end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "certs/time.h"
#include "inspect/diagnosis/diagnosis.h"

namespace inspect::report {

struct RequestLine {
    std::string id, client, method, url;  // url without secrets already masked? No: raw, masked here
    certs::Time time;
    int status = 0;                       // 0 when no response came
    std::uint64_t request_bytes = 0, response_bytes = 0;  // body bytes on the wire
    double first_byte_ms = 0, total_ms = 0;
    std::string code;                     // why there was no proper response; "" when there was
};

std::string upstream_handshake_line(std::string_view id, const diagnosis::Diagnosis& diagnosis);
std::string client_handshake_line(std::string_view id, std::string_view client, const diagnosis::Diagnosis& diagnosis);
std::string request_line(const RequestLine& line);
std::string proxy_line(certs::Time time, std::string_view what, std::string_view detail);

}  // namespace inspect::report
