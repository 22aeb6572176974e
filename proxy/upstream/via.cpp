#include "proxy/upstream/via.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "certs/bytes.h"

namespace proxy {

namespace {

constexpr std::string_view prefix = "whytls-";

constexpr std::size_t digits = 16;

constexpr std::string_view blanks = " \t";

bool is_pseudonym(std::string_view member) {
    if (!inspect::http::same_name(member.substr(0, prefix.size()), prefix)) return false;
    member.remove_prefix(prefix.size());
    return member.size() == digits && member.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// In Via: "1.1 whytls-0123456789abcdef" and nothing more, with optional white space around it.
// Others add comments, which may contain commas.
bool is_of_whytls(std::string_view member, bool with_version) {
    member = certs::trimmed(member);
    if (with_version) {
        member.remove_prefix(std::min(member.find_first_of(blanks), member.size()));
        member.remove_prefix(std::min(member.find_first_not_of(blanks), member.size()));
    }
    return is_pseudonym(member);
}

// nullopt when no member is a whytls's: then the list stays as it was written.
std::optional<std::string> without_whytls(std::string_view list, bool with_version) {
    std::string kept;
    bool found = false;
    while (!list.empty()) {
        const std::string_view member = list.substr(0, list.find(','));
        if (is_of_whytls(member, with_version))
            found = true;
        else
            kept += (kept.empty() ? "" : ",") + std::string(member);
        list.remove_prefix(std::min(member.size() + 1, list.size()));
    }
    return found ? std::optional(kept) : std::nullopt;
}

void hide(inspect::http::Fields& fields, std::string_view name, bool with_version) {
    inspect::http::Fields kept;
    for (const inspect::http::FieldLine field : fields) {
        const auto rest =
            inspect::http::same_name(field.name, name) ? without_whytls(field.value, with_version) : std::nullopt;
        if (!rest || !rest->empty()) kept.add(field.name, rest ? std::string_view(*rest) : field.value);
    }
    fields = std::move(kept);
}

std::string all_lines(const inspect::http::Fields& fields, std::string_view name) {
    std::string all;
    for (const inspect::http::FieldLine field : fields) {
        if (!inspect::http::same_name(field.name, name)) continue;
        if (!all.empty()) all += ", ";
        all += field.value;
    }
    return all;
}

}  // namespace

std::string make_pseudonym() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number))
        throw std::runtime_error("no randomness");
    return fmt::format("{}{:016x}", prefix, number);
}

std::string passed_proxies(const inspect::http::Fields& fields) { return all_lines(fields, "Via"); }

std::string via_of(std::string_view passed, std::string_view received, std::string_view pseudonym) {
    return fmt::format("{}{}{} {}", passed, passed.empty() ? "" : ", ", received, pseudonym);
}

void hide_whytls(inspect::http::Fields& fields) { hide(fields, "Via", true); }

void mark(inspect::http::Fields& fields, std::string_view pseudonym) { fields.add("CDN-Loop", pseudonym); }

std::string loop_marks(const inspect::http::Fields& fields) { return all_lines(fields, "CDN-Loop"); }

void hide_marks(inspect::http::Fields& fields) { hide(fields, "CDN-Loop", false); }

}  // namespace proxy
