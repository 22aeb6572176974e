// The Date field's value (RFC 9110 §5.6.7).
#pragma once

#include <optional>
#include <string_view>

#include "certs/time.h"

namespace inspect::http {

// In any of the three forms that a recipient must accept: IMF-fixdate, RFC 850's (its two-digit
// year is 19xx from 70 on) and asctime's. nullopt for anything else, and for a moment that does not
// exist. The day of the week is not checked.
std::optional<certs::Time> parse_date(std::string_view text);

}  // namespace inspect::http
