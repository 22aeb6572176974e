// A dNSName that contains the name asked for with something around it: a blank, a URL, a port. It
// matches nothing (RFC 9525 §6.3 compares whole labels), but to a reader it looks as if it did.
// Knows no certificate and no sentence.
#pragma once

#include <optional>
#include <string_view>

#include "certs/hostname.h"
#include "certs/verdict.h"

namespace certs {

// The flaw that keeps `presented`, a dNSName that does not match, from being the host; nullopt when
// it is another name altogether. When the host is an address, the flaw is address_as_dns whatever
// else is there. Takes time linear in the length.
std::optional<NearMissReason> name_flaw(std::string_view presented, const Host& host);

}  // namespace certs
