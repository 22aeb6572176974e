#include "inspect/http/cross_site.h"

#include <algorithm>

namespace inspect::http {

namespace {

// No name that somebody else could let lead here: an address, or one that RFC 6761 §6.3 keeps for this machine.
bool is_own_name(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host == "localhost" || host.ends_with(".localhost") || host.contains(':')) return true;
    // A last label of digits alone is no top-level domain (RFC 3696 §2): the whole is an IPv4 address or nothing.
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_allowed(std::string_view origin, std::span<const std::string> allowed) {
    return std::ranges::any_of(allowed, [&](const std::string& each) { return each == "*" || same_name(each, origin); });
}

}  // namespace

std::optional<CrossSite> cross_site(const RequestHead& request, std::string_view own_origin, std::span<const std::string> allowed) {
    if (const std::string* host = request.fields.find("Host")) {
        const auto target = parse_target("GET", "http://" + *host + "/");
        if (!target || !is_own_name(target->host)) return CrossSite{CrossSite::Sign::host, *host};
    }
    if (const std::string* origin = request.fields.find("Origin")) {
        if (same_name(*origin, own_origin) || is_allowed(*origin, allowed)) return std::nullopt;
        return CrossSite{CrossSite::Sign::origin, *origin};
    }
    const std::string* site = request.fields.find("Sec-Fetch-Site");
    if (site && same_name(*site, "cross-site") && !is_allowed("*", allowed)) return CrossSite{CrossSite::Sign::fetch_site, *site};
    return std::nullopt;
}

}  // namespace inspect::http
