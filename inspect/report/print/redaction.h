// Masks secrets in URLs, wherever whytls writes one: in the log, and in what a diagnosis shows of a
// request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inspect::report {

// `text` (a URL, a request's target, or the first bytes of a request) with *** for user information
// and for the values of the query parameters that `names` contains. Names are compared as a server
// reads them: percent-decoded, '+' as a space, "token[]", "user[token]" and "user.token" as token;
// case-insensitively, to be on the safe side.
std::string redacted(std::string_view text, const std::vector<std::string>& names);

// `text` (a sentence that repeats what was given) with *** for what comes before an '@' as the user
// of a URL, or as USER:PASSWORD.
std::string without_passwords(std::string_view text);

}  // namespace inspect::report
