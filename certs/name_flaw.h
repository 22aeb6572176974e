// A dNSName that holds the name asked for with something around it: a blank, a URL, a port. It matches nothing (RFC 9525 §6.3 compares whole
// labels), and to a reader it looks as if it did. Knows no certificate and no sentence.
#pragma once

#include <optional>
#include <string_view>

#include "certs/hostname.h"
#include "certs/verdict.h"

namespace certs {

// What stands between `presented`, a dNSName that does not match, and the host; nullopt when it is another name altogether. Where the host is an
// address, that is address_as_dns whatever else stands there. Costs a time linear in the length.
std::optional<NearMissReason> name_flaw(std::string_view presented, const Host& host);

}  // namespace certs
