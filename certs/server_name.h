// A name that a server's certificate can be issued for, as clients will compare it (hostname.h). It
// refuses what clients would refuse, or take for something else. Knows nothing of who owns a name.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace certs {

// `text` as a subjectAltName has it: a DNS name in lower case with A-labels, its whole first label
// perhaps a *, or an IP address without brackets. The error is a predicate of the text: "has an
// empty label".
std::expected<std::string, std::string> server_name(std::string_view text);

}  // namespace certs
