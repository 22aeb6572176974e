// Max-Forwards (RFC 9110 §7.6.2): how many more intermediaries a TRACE or OPTIONS may pass.
#pragma once

#include <optional>

#include "inspect/http/message.h"
#include "proxy/http/respond.h"

namespace proxy {

// Counts this proxy. Returns the answer when the request may go no further; other methods and a
// malformed number pass unchanged.
std::optional<Answer> answer_as_last(inspect::http::RequestHead& request);

}  // namespace proxy
