#include "proxy/otlp/backoff.h"

#include <algorithm>
#include <charconv>

#include "certs/bytes.h"
#include "inspect/http/date.h"

namespace proxy {

double Backoff::next(std::optional<double> asked) {
    const double pause = pause_;
    pause_ = std::min(most, pause_ * 2);
    const auto before = [this](double seconds) {
        return std::uniform_real_distribution(seconds / 2, seconds)(random_);
    };
    return asked ? std::max(std::min(*asked, most_asked), before(first)) : before(pause);
}

std::optional<double> retry_after(std::string_view value, certs::Time now) {
    value = certs::trimmed(value);
    if (!value.empty() && std::ranges::all_of(value, certs::is_digit)) {
        std::uint32_t seconds = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
        return error == std::errc() ? seconds : Backoff::most_asked;
    }
    const auto date = inspect::http::parse_date(value);
    if (!date) return std::nullopt;
    return static_cast<double>(std::max<std::int64_t>(0, date->seconds - now.seconds));
}

}  // namespace proxy
