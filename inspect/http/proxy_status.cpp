#include "inspect/http/proxy_status.h"

#include <algorithm>
#include <string>
#include <vector>

namespace inspect::http {

namespace {

constexpr std::string_view field_name = "Proxy-Status";

// The first member of the list, taken off its front with the comma after it. A comma inside a
// string belongs to the string.
std::string_view take_quoted_member(std::string_view& list) {
    bool quoted = false;
    std::size_t at = 0;
    for (; at < list.size() && (quoted || list[at] != ','); ++at) {
        if (list[at] == '"') quoted = !quoted;
        if (quoted && list[at] == '\\') ++at;
    }
    const std::string_view member = list.substr(0, at);
    list.remove_prefix(std::min(at + 1, list.size()));
    return member;
}

// Who a member speaks for: its item, without the quotes and escapes of a string.
std::string speaker(std::string_view member) {
    member.remove_prefix(std::min(member.find_first_not_of(" \t"), member.size()));
    const bool quoted = member.starts_with('"');
    std::string name;
    for (std::size_t at = quoted ? 1 : 0; at < member.size() && member[at] != (quoted ? '"' : ';'); ++at) {
        if (quoted && member[at] == '\\' && at + 1 < member.size()) ++at;
        name += member[at];
    }
    name.erase(name.find_last_not_of(" \t") + 1);
    return name;
}

std::string without(std::string_view list, std::string_view proxy) {
    std::string kept;
    while (!list.empty()) {
        const std::string_view member = take_quoted_member(list);
        if (!same_name(speaker(member), proxy)) kept.append(kept.empty() ? "" : ",").append(member);
    }
    return kept;
}

}  // namespace

// Some readers read line by line, others the list that the lines form together (RFC 9110 §5.3): to
// neither may the field speak for the proxy.
void remove_proxy_status(Fields& fields, std::string_view proxy) {
    std::vector<std::string> kept;
    std::string list;
    bool claimed = false;
    for (const FieldLine field : fields) {
        if (!same_name(field.name, field_name)) continue;
        std::string rest = without(field.value, proxy);
        claimed = claimed || rest != field.value;
        if (rest.empty()) continue;
        list.append(list.empty() ? "" : ", ").append(rest);
        kept.push_back(std::move(rest));
    }
    if (std::string rest = without(list, proxy); rest != list) {
        claimed = true;
        kept = {std::move(rest)};
    }
    if (!claimed) return;
    fields.remove(field_name);
    for (const std::string& value : kept)
        if (!value.empty()) fields.add(field_name, value);
}

}  // namespace inspect::http
