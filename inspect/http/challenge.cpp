#include "inspect/http/challenge.h"

#include <algorithm>

#include "certs/bytes.h"
#include "inspect/http/message.h"

namespace inspect::http {

namespace {

// The parts between commas; none when a quoted string does not end.
std::vector<std::string_view> parts_of(std::string_view value) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (quoted && value[at] == '\\')
            ++at;
        else if (value[at] == '"')
            quoted = !quoted;
        else if (value[at] == ',' && !quoted) {
            parts.push_back(certs::trimmed(value.substr(begin, at - begin)));
            begin = at + 1;
        }
    }
    parts.push_back(certs::trimmed(value.substr(std::min(begin, value.size()))));
    if (quoted) parts.clear();
    return parts;
}

struct Challenge {
    std::string scheme, text, realm;
};

// Takes the realm, when the parameter is one, without the characters that end or escape a quoted
// string.
void take_parameter(Challenge& challenge, std::string_view parameter) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !same_name(certs::trimmed(parameter.substr(0, equals)), "realm")) return;
    challenge.realm = certs::trimmed(parameter.substr(equals + 1));
    std::erase_if(challenge.realm, [](char c) { return c == '"' || c == '\\'; });
}

}  // namespace

std::vector<std::string> named_challenges(std::string_view value, std::string_view server) {
    std::vector<Challenge> challenges;
    for (const std::string_view part : parts_of(value)) {
        const std::size_t end = std::min(part.find_first_of(" \t="), part.size());
        const std::string_view behind = certs::trimmed(part.substr(end));
        const bool begins = end > 0 && !behind.starts_with('=');
        if (begins) challenges.push_back({std::string(part.substr(0, end)), std::string(part), ""});
        if (challenges.empty() || part.empty()) continue;
        if (!begins) challenges.back().text.append(", ").append(part);
        take_parameter(challenges.back(), begins ? behind : part);
    }
    std::vector<std::string> named;
    for (Challenge& each : challenges) {
        if (!same_name(each.scheme, "Basic"))
            named.push_back(std::move(each.text));
        else
            named.push_back("Basic realm=\"" + std::string(server) + (each.realm.empty() ? "" : " ") + each.realm +
                            "\"");
    }
    return named;
}

}  // namespace inspect::http
