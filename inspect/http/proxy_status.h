// The Proxy-Status field (RFC 9209) of responses that pass: a reader of "whytls" there must be able
// to believe that whytls wrote it.
#pragma once

#include <string_view>

#include "inspect/http/message.h"

namespace inspect::http {

// Removes the members that claim to be `proxy`'s, as a token or a string (RFC 8941 §3.3), compared
// case-insensitively. The other members stay; a field without such a member stays unchanged.
void remove_proxy_status(Fields& fields, std::string_view proxy);

}  // namespace inspect::http
