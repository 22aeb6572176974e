#include "proxy/via.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace proxy {

namespace {

constexpr std::string_view prefix = "whytls-";

constexpr std::size_t digits = 16;

// "1.1 whytls-0123456789abcdef", with white space around it, and nothing more: others write comments, in which commas may stand.
bool is_of_whytls(std::string_view member) {
    constexpr std::string_view blanks = " \t";
    member.remove_prefix(std::min(member.find_first_not_of(blanks), member.size()));
    member.remove_suffix(member.size() - (member.find_last_not_of(blanks) + 1));
    member.remove_prefix(std::min(member.find_first_of(blanks), member.size()));
    member.remove_prefix(std::min(member.find_first_not_of(blanks), member.size()));
    if (!inspect::http::same_name(member.substr(0, prefix.size()), prefix)) return false;
    member.remove_prefix(prefix.size());
    return member.size() == digits && member.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// nullopt where no member is a whytls's: then the list stays as it was written.
std::optional<std::string> without_whytls(std::string_view list) {
    std::string kept;
    bool found = false;
    while (!list.empty()) {
        const std::string_view member = list.substr(0, list.find(','));
        if (is_of_whytls(member))
            found = true;
        else
            kept += (kept.empty() ? "" : ",") + std::string(member);
        list.remove_prefix(std::min(member.size() + 1, list.size()));
    }
    return found ? std::optional(kept) : std::nullopt;
}

}  // namespace

std::string make_pseudonym() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) throw std::runtime_error("no randomness");
    return fmt::format("{}{:016x}", prefix, number);
}

std::string passed_proxies(const inspect::http::Fields& fields) {
    std::string all;
    for (const inspect::http::Field& field : fields)
        if (inspect::http::same_name(field.name, "Via")) all += (all.empty() ? "" : ", ") + field.value;
    return all;
}

std::string via_of(std::string_view passed, std::string_view pseudonym) {
    return fmt::format("{}{}1.1 {}", passed, passed.empty() ? "" : ", ", pseudonym);
}

void hide_whytls(inspect::http::Fields& fields) {
    inspect::http::Fields kept;
    for (const inspect::http::Field& field : fields) {
        const auto rest = inspect::http::same_name(field.name, "Via") ? without_whytls(field.value) : std::nullopt;
        if (!rest || !rest->empty()) kept.add(field.name, rest.value_or(field.value));
    }
    fields = std::move(kept);
}

}  // namespace proxy
