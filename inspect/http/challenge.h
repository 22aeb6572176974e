// What a server demands of a client in WWW-Authenticate (RFC 9110 §11.6.1), for a browser to which many servers are one origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inspect::http {

// The challenges in one field value, each for a field line of its own: browsers read a line as one challenge. A Basic one is written anew with
// nothing but a realm, in which `server` stands in front, for by origin and realm browsers keep passwords (RFC 7617 §2.2); the others stay as
// they are, since a digest is made of the realm. Empty for a value whose quotes do not end.
std::vector<std::string> named_challenges(std::string_view value, std::string_view server);

}  // namespace inspect::http
