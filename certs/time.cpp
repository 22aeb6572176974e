#include "certs/time.h"

#include <fmt/format.h>

#include "certs/bytes.h"

namespace certs {

namespace {

struct Civil {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

constexpr bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr int days_in(int year, int month) {
    constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : lengths[month - 1];
}

constexpr bool exists(const Civil& civil) {
    return civil.month >= 1 && civil.month <= 12 && civil.day >= 1 && civil.day <= days_in(civil.year, civil.month) &&
           civil.hour <= 23 && civil.minute <= 59 && civil.second <= 59;
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that
// begin in March.
constexpr std::int64_t days_since_epoch(int year, int month, int day_of_month) {
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    const std::int64_t year_of_era = shifted - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

Time to_time(const Civil& civil) {
    return {days_since_epoch(civil.year, civil.month, civil.day) * day + civil.hour * 3600 + civil.minute * 60 +
            civil.second};
}

Civil to_civil(Time time) {
    std::int64_t days = time.seconds / day;
    std::int64_t rest = time.seconds % day;
    if (rest < 0) rest += day, days -= 1;
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
    Civil civil;
    civil.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
    civil.hour = static_cast<int>(rest / 3600);
    civil.minute = static_cast<int>(rest / 60 % 60);
    civil.second = static_cast<int>(rest % 60);
    return civil;
}

// Takes `count` digits from the front; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return -1;
    int value = 0;
    for (const char character : text.substr(0, count)) {
        if (!is_digit(character)) return -1;
        value = value * 10 + (character - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || !any_of.contains(text.front())) return false;
    text.remove_prefix(1);
    return true;
}

// MMDDHHMMSSZ, the part that both ASN.1 times share.
std::optional<Time> finish(int year, std::string_view text) {
    Civil civil{year};
    if (year < 0 || (civil.month = take_digits(text, 2)) < 0 || (civil.day = take_digits(text, 2)) < 0 ||
        (civil.hour = take_digits(text, 2)) < 0 || (civil.minute = take_digits(text, 2)) < 0 ||
        (civil.second = take_digits(text, 2)) < 0) {
        return std::nullopt;
    }
    if (text != "Z" || !exists(civil)) return std::nullopt;
    return to_time(civil);
}

}  // namespace

std::string rfc3339(Time time) {
    const Civil civil = to_civil(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", civil.year, civil.month, civil.day, civil.hour,
                       civil.minute, civil.second);
}

std::string readable(Time time) {
    const Civil civil = to_civil(time);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", civil.year, civil.month, civil.day, civil.hour,
                       civil.minute, civil.second);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    Civil civil;
    if ((civil.year = take_digits(text, 4)) < 0 || !take(text, "-") || (civil.month = take_digits(text, 2)) < 0 ||
        !take(text, "-") || (civil.day = take_digits(text, 2)) < 0) {
        return std::nullopt;
    }
    if (text.empty()) return exists(civil) ? std::optional(to_time(civil)) : std::nullopt;
    if (!take(text, "Tt ") || (civil.hour = take_digits(text, 2)) < 0 || !take(text, ":") ||
        (civil.minute = take_digits(text, 2)) < 0 || !take(text, ":") || (civil.second = take_digits(text, 2)) < 0) {
        return std::nullopt;
    }
    // RFC 3339 §5.6 writes leap seconds as :60; this calendar has none, so it becomes the second
    // before.
    if (civil.second == 60) civil.second = 59;
    if (!exists(civil)) return std::nullopt;
    if (take(text, ".")) {
        if (text.empty() || !is_digit(text.front())) return std::nullopt;
        while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    }
    Time time = to_time(civil);
    if (text == "Z" || text == "z") return time;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '+' ? 1 : -1;
    text.remove_prefix(1);
    const int hours = take_digits(text, 2);
    if (hours < 0 || hours > 23 || !take(text, ":")) return std::nullopt;
    const int minutes = take_digits(text, 2);
    if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
    time.seconds -= sign * (hours * 3600 + minutes * 60);
    return time;
}

std::optional<Time> parse_utc_time(std::string_view content) {
    const int year = take_digits(content, 2);
    if (year < 0) return std::nullopt;
    return finish(year >= 50 ? 1900 + year : 2000 + year, content);
}

std::optional<Time> parse_generalized_time(std::string_view content) {
    const int year = take_digits(content, 4);
    return finish(year, content);
}

}  // namespace certs
