#include "inspect/http/keep_alive.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::http {

namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    if (text.size() > 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
    // from_chars would take a sign.
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? number : std::numeric_limits<std::uint32_t>::max();
}

void keep_least(std::optional<std::uint32_t>& least, std::optional<std::uint32_t> number) {
    if (number) least = std::min(least.value_or(*number), *number);
}

}  // namespace

KeepAlive keep_alive_of(const Fields& fields) {
    KeepAlive said;
    for (const FieldLine field : fields) {
        if (!same_name(field.name, "Keep-Alive")) continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            const std::string_view parameter = take_member(rest);
            const std::size_t equals = parameter.find('=');
            if (equals == std::string_view::npos) continue;
            const std::string_view name = certs::trimmed(parameter.substr(0, equals));
            const auto number = parse_number(certs::trimmed(parameter.substr(equals + 1)));
            if (same_name(name, "timeout")) keep_least(said.timeout, number);
            if (same_name(name, "max")) keep_least(said.max, number);
        }
    }
    return said;
}

}  // namespace inspect::http
