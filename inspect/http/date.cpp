#include "inspect/http/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace inspect::http {

namespace {

constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

// 1 to 12; 0 for anything else.
std::size_t month_of(std::string_view name) {
    const auto at = months.find(name);
    return name.size() == 3 && at != std::string_view::npos && at % 3 == 0 ? at / 3 + 1 : 0;
}

std::optional<certs::Time> moment(std::string_view year, std::string_view month, std::string day,
                                  std::string_view clock) {
    if (day.size() == 2 && day.front() == ' ') day.front() = '0';
    return certs::parse_rfc3339(fmt::format("{}-{:02}-{}T{}Z", year, month_of(month), day, clock));
}

}  // namespace

std::optional<certs::Time> parse_date(std::string_view text) {
    if (text.size() > 64) return std::nullopt;
    const auto comma = text.find(',');
    // "Sun Nov  6 08:49:37 1994"
    if (comma == std::string_view::npos) {
        if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ')
            return std::nullopt;
        return moment(text.substr(20), text.substr(4, 3), std::string(text.substr(8, 2)), text.substr(11, 8));
    }
    const std::string_view rest = text.substr(comma + 1);
    if (!rest.starts_with(' ') || !rest.ends_with(" GMT")) return std::nullopt;
    // " 06 Nov 1994 08:49:37 GMT"
    if (rest.size() == 25 && rest[3] == ' ' && rest[7] == ' ' && rest[12] == ' ')
        return moment(rest.substr(8, 4), rest.substr(4, 3), std::string(rest.substr(1, 2)), rest.substr(13, 8));
    // " 06-Nov-94 08:49:37 GMT"
    if (rest.size() == 23 && rest[3] == '-' && rest[7] == '-' && rest[10] == ' ') {
        const std::string_view year = rest.substr(8, 2);
        const std::string century = year >= "70" ? "19" : "20";
        return moment(century + std::string(year), rest.substr(4, 3), std::string(rest.substr(1, 2)),
                      rest.substr(11, 8));
    }
    return std::nullopt;
}

}  // namespace inspect::http
