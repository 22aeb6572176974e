// A moment, to the second, without leap seconds and without a clock: whoever needs "now" passes it
// in.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace certs {

struct Time {
    std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z; negative before
    auto operator<=>(const Time&) const = default;
};

constexpr std::int64_t day = 86'400;  // seconds

// RFC 3339 in UTC ("2026-11-20T12:00:00Z"). Years 0000 to 9999.
std::string rfc3339(Time time);

// "2026-11-20 12:00:00 UTC", for people.
std::string readable(Time time);

// RFC 3339 with any offset; fractions of a second are cut off; also a bare date. nullopt when it is
// none of these.
std::optional<Time> parse_rfc3339(std::string_view text);

// RFC 5280 §4.1.2.5.1 (UTCTime, YYMMDDHHMMSSZ, 50..99 is 19xx) and §4.1.2.5.2 (GeneralizedTime,
// YYYYMMDDHHMMSSZ): exactly these forms, seconds present, Zulu; nullopt for anything else or for a
// date that does not exist.
std::optional<Time> parse_utc_time(std::string_view content);
std::optional<Time> parse_generalized_time(std::string_view content);

}  // namespace certs
