// What a server demands of a client in WWW-Authenticate (RFC 9110 §11.6.1), for a browser to which
// many servers are one origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inspect::http {

// The challenges in one field value, each for a field line of its own, because browsers read a line
// as one challenge. A Basic challenge is written anew with only a realm, which begins with
// `server`, because browsers keep passwords by origin and realm (RFC 7617 §2.2). The other
// challenges stay as they are, since a digest is computed from the realm. Empty for a value with a
// quoted string that does not end.
std::vector<std::string> named_challenges(std::string_view value, std::string_view server);

}  // namespace inspect::http
