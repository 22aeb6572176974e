// The first line of a message (RFC 9112 §3, §4), read strictly: single spaces, and a version that
// we support. Knows no field.
#pragma once

#include <expected>
#include <string_view>

#include "inspect/http/http1/parser.h"
#include "inspect/http/message.h"

namespace inspect::http {

// Whether a message of that kind may begin with these first bytes; false as soon as that is
// certain.
bool may_begin(std::string_view first_bytes, bool request);
// Whether enough bytes have come to call it HTTP.
bool is_begun(std::string_view first_bytes, bool request);

// Sets method, target and version.
std::expected<void, MessageError> parse_request_line(std::string_view line, RequestHead& head);
// Sets version, status and reason. A line that ends after the status, without the space, is common
// enough to be accepted.
std::expected<void, MessageError> parse_status_line(std::string_view line, ResponseHead& head);

}  // namespace inspect::http
