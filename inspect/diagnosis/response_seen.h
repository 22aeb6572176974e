// The words for the response to a check's request.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"

namespace inspect::diagnosis {

// "GET /health answered 200, 12 bytes"; "no response to GET /health in time".
std::string response_statement(const ResponseSeen& seen);

// One sentence for each thing in attempt.response that clients may stumble over: its end, what was
// odd in it, a refusal that may be about the client certificate. None when there is no response.
std::vector<std::string> response_remarks(const Attempt& attempt);

}  // namespace inspect::diagnosis
