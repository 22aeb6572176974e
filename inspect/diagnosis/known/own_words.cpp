#include "inspect/diagnosis/known/own_words.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "certs/bytes.h"
#include "inspect/diagnosis/catalog.h"

namespace inspect::diagnosis {

namespace {

bool in_code(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// "502 ", or "502: " as wget has it: a status, and not the end of something longer.
bool ends_in_status(std::string_view before) {
    if (!before.ends_with(' ')) return false;
    before.remove_suffix(before.ends_with(": ") ? 2 : 1);
    if (before.size() < 3) return false;
    const std::string_view number = before.substr(before.size() - 3);
    const bool status =
        number[0] >= '2' && number[0] <= '5' && certs::is_digit(number[1]) && certs::is_digit(number[2]);
    constexpr std::string_view openings = " \n[(\"'";
    return status && (before.size() == 3 || openings.contains(before[before.size() - 4]));
}

// Whether it is written as whytls writes its codes, and not as another program's word.
bool is_framed(std::string_view before, std::string_view behind) {
    const auto among = [&](char c) { return behind.starts_with(c); };
    if (before.ends_with('[')) return among(']');
    if (before.ends_with("urn:whytls:")) return true;
    if (before.ends_with("details=\"") || before.ends_with("\"code\":\"") || before.ends_with("\"code\": \""))
        return among('"');
    return ends_in_status(before) &&
           (behind.empty() || among(':') || among(',') || among(' ') || among('\n') || among('\r'));
}

// "api.example.com:443" of "api.example.com:443: the certificate …"; "" for a line that begins
// otherwise.
std::string host_of_line(std::string_view before) {
    const std::string_view line = before.substr(before.rfind('\n') + 1);
    const std::string_view first = line.substr(0, line.find(' '));
    if (!first.ends_with(':') || !first.contains('.')) return "";
    std::string host(first.substr(0, first.size() - 1));
    if (host.ends_with(":443")) host.resize(host.size() - 4);
    return host;
}

}  // namespace

std::optional<Causes> own_causes(std::string_view text) {
    std::vector<Causes> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && in_code(text[at])) ++at;
        const std::string_view word = text.substr(begin, at - begin), before = text.substr(0, begin),
                               behind = text.substr(at);
        const auto code = !word.empty() && is_framed(before, behind) ? code_named(word) : std::nullopt;
        if (code && std::ranges::none_of(found, [&](const Causes& each) { return each.codes.front() == *code; })) {
            Causes causes;
            causes.codes = {*code};
            causes.message = word;
            causes.program = "whytls";
            causes.host = host_of_line(before);
            found.push_back(std::move(causes));
        }
        if (at == begin) ++at;
    }
    if (found.empty()) return std::nullopt;
    Causes first = std::move(found.front());
    first.others.assign(std::make_move_iterator(found.begin() + 1), std::make_move_iterator(found.end()));
    return first;
}

}  // namespace inspect::diagnosis
