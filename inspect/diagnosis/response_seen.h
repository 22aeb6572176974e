// The words for what a check saw after the handshake: the response to its request, and HTTP/2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/attempt.h"

namespace inspect::diagnosis {

// "GET /health answered 200, 12 bytes"; "no response to GET /health in time".
std::string response_statement(const ResponseSeen& seen);

// One sentence for each thing in attempt.response that clients may stumble over: its end, what was
// odd in it, a refusal that may be about the client certificate. None when there is no response.
std::vector<std::string> response_remarks(const Attempt& attempt);

// The contract's word: "works", "not_http2", "goaway", "closed", "silent".
std::string_view name(Http2Seen::End end);

// "PROTOCOL_ERROR"; "error 0x123" for a code that RFC 9113 §7 does not define.
std::string http2_code(std::uint32_t code);

// What the server broke after it agreed on h2, and what its HTTP/1.1 did when that was tried in its
// place; "" where it speaks HTTP/2, or h2 was not agreed on.
std::string http2_remark(const Attempt& attempt);

// That experiment's result: "answers: HTTP/1.1 200 OK"; "" when it was not made.
std::string http1_instead(const Attempt& attempt);
// The same of its HTTP/2, where HTTP/1.1 was not answered.
std::string http2_instead(const Attempt& attempt);

}  // namespace inspect::diagnosis
