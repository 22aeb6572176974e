#include "proxy/command/exec/name_service.h"

#include <algorithm>
#include <utility>

#include "certs/bytes.h"

namespace proxy {

namespace {

constexpr std::string_view blank = " \t\r";
constexpr std::string_view wanted = "hosts: files dns";

// What a line says of hosts, "files dns"; nullopt when it is about something else.
std::optional<std::string_view> sources_of_hosts(std::string_view line) {
    line = certs::trimmed(line.substr(0, line.find('#')), blank);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || certs::trimmed(line.substr(0, colon), blank) != "hosts") return std::nullopt;
    return certs::trimmed(line.substr(colon + 1), blank);
}

// Files and the resolver, in any order, and what makes names of this machine's own.
bool asks_resolver_alone(std::string_view sources) {
    bool resolver = false;
    while (!sources.empty()) {
        const std::string_view one = sources.substr(0, sources.find_first_of(blank));
        if (one != "files" && one != "dns" && one != "myhostname") return false;
        resolver = resolver || one == "dns";
        sources = certs::trimmed(sources.substr(one.size()), blank);
    }
    return resolver;
}

}  // namespace

std::optional<std::string> names_by_resolver(std::string_view text) {
    std::string result;
    bool changed = false;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto sources = sources_of_hosts(line);
        const bool other = sources && !asks_resolver_alone(*sources);
        changed = changed || other;
        result += other ? wanted : line;
        result += '\n';
    }
    return changed ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace proxy
