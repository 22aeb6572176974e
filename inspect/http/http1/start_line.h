// The first line of a message (RFC 9112 §3, §4), strictly: single spaces, and a version of ours. Knows no field.
#pragma once

#include <expected>
#include <string_view>

#include "inspect/http/http1/parser.h"
#include "inspect/http/message.h"

namespace inspect::http {

// Whether a message of that kind may begin with this much of its first line; false as early as it can be told.
bool may_begin(std::string_view first_bytes, bool request);
// Whether enough of it has come to call it HTTP.
bool is_begun(std::string_view first_bytes, bool request);

// Sets method, target and version.
std::expected<void, MessageError> parse_request_line(std::string_view line, RequestHead& head);
// Sets version, status and reason. A line that ends behind the status, its space missing, is common enough to be taken.
std::expected<void, MessageError> parse_status_line(std::string_view line, ResponseHead& head);

}  // namespace inspect::http
