#include "inspect/gateway/cross_site.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/gateway/mapping.h"

namespace inspect::http {

namespace {

// 0.0.0.0 and [::] also lead to this machine, but are not trustworthy origins (Secure Contexts
// §3.1): browsers send them none of the fields by which a cross-site request is recognised.
// "::ffff:0.0.0.0" is one too.
bool is_unspecified(std::string_view host) {
    constexpr std::string_view zeros = "0:.", mapped = "ffff:";
    host.remove_prefix(std::min(host.find_first_not_of(zeros), host.size()));
    if (host.starts_with(mapped)) host.remove_prefix(mapped.size());
    return host.find_first_not_of(zeros) == std::string_view::npos;
}

bool is_host_of(const Target& here, const std::string& origin) {
    const auto target = parse_target("GET", origin);
    return target && target->scheme == here.scheme && target->host == here.host;
}

bool is_allowed(std::string_view origin, std::span<const std::string> allowed) {
    return std::ranges::any_of(allowed,
                               [&](const std::string& each) { return each == "*" || same_name(each, origin); });
}

// same-site means another port or scheme of the same host, which is still a foreign origin.
bool is_foreign(std::string_view site) { return same_name(site, "cross-site") || same_name(site, "same-site"); }

// Sec-Fetch-Site. No browser sends two; of several, the value that speaks most against the request.
std::optional<std::string_view> worst_site(const RequestHead& request) {
    const auto badness = [](std::string_view site) {
        return is_foreign(site) ? 2 : same_name(site, "same-origin") ? 0 : 1;
    };
    std::optional<std::string_view> worst;
    for (const auto& [name, value] : request.fields) {
        if (same_name(name, "Sec-Fetch-Site") && (!worst || badness(value) > badness(*worst))) worst = value;
    }
    return worst;
}

// Requests for links and images have no Origin. Referer names the page, unless the page hides it.
std::string referring_origin(const RequestHead& request) {
    const auto referer = request.fields.find("Referer");
    const auto target = referer ? parse_target("GET", *referer) : std::nullopt;
    return target && !target->scheme.empty() ? origin_of(*target) : "";
}

// Secure Contexts §3.1: browsers send no Fetch Metadata to other origins, and Referer may be
// withheld.
bool is_trustworthy(std::string_view origin) {
    const auto target = parse_target("GET", origin);
    if (!target || target->scheme == "https") return target.has_value();
    const std::string_view host = target->host;
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1";
}

bool is_browser(const RequestHead& request) {
    const auto agent = request.fields.find("User-Agent");
    return agent && agent->starts_with("Mozilla/");
}

// A page that this machine serves, or that `allowed` names. "null" hides whose page it is. No
// browser sends more than an origin.
bool is_trusted_page(std::string_view origin, std::span<const std::string> allowed) {
    if (is_allowed(origin, allowed)) return true;
    const auto target = parse_target("GET", std::string(origin) + "/");
    if (!target || target->path_and_query != "/") return false;
    std::string_view host = target->host;
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
    return host.starts_with("127.") && is_own_name(*target, {});
}

// The host that the request is for, as the browser knows it.
std::optional<Target> named_host(const RequestHead& request) {
    if (auto target = parse_target(request.method, request.target); target && target->form == TargetForm::absolute)
        return target;
    const auto host = request.fields.find("Host");
    return host ? parse_authority("https", *host) : std::nullopt;
}

// Whether no one else could make the requested name lead elsewhere: pages of that name are then the
// server's own.
bool asks_own_name(const RequestHead& request, std::span<const std::string> allowed) {
    auto here = named_host(request);
    if (!here) return false;
    if (is_own_name(*here, allowed)) return true;
    here->scheme = here->scheme == "https" ? "http" : "https";
    return is_own_name(*here, allowed);
}

}  // namespace

bool is_own_name(const Target& here, std::span<const std::string> allowed) {
    if (std::ranges::any_of(allowed, [&](const std::string& origin) { return is_host_of(here, origin); })) return true;
    std::string_view host = here.host;
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    if (is_unspecified(host)) return false;
    if (host.contains(':')) return true;
    // A last label of digits only is no top-level domain (RFC 3696 §2): the host is an IPv4 address
    // or nothing.
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<CrossSite> cross_site(const RequestHead& request, std::string_view own_origin,
                                    std::span<const std::string> allowed) {
    if (const auto host = request.fields.find("Host")) {
        const auto target = parse_authority(own_origin.starts_with("https:") ? "https" : "http", *host);
        if (!target || !is_own_name(*target, allowed)) return CrossSite{CrossSite::Sign::host, std::string(*host)};
    }
    const auto site = worst_site(request);
    // Under Referrer-Policy: no-referrer, a form sends "null" to its own origin as well (Fetch,
    // "append a request Origin header").
    const bool may_hide = site && same_name(*site, "same-origin");
    for (const auto& [name, origin] : request.fields) {
        if (!same_name(name, "Origin") || same_name(origin, own_origin) || is_allowed(origin, allowed)) continue;
        if (!may_hide || origin != "null") return CrossSite{CrossSite::Sign::origin, std::string(origin)};
    }
    if (request.fields.has("Origin")) return std::nullopt;
    const bool untold = !site && is_browser(request) && !is_trustworthy(own_origin);
    if ((!untold && (!site || !is_foreign(*site))) || is_allowed("*", allowed)) return std::nullopt;
    const std::string referer = referring_origin(request);
    if (untold && same_name(referer, own_origin)) return std::nullopt;
    if (untold && referer.empty())
        return CrossSite{CrossSite::Sign::user_agent, std::string(*request.fields.find("User-Agent"))};
    if (referer.empty() || same_name(referer, own_origin))
        return CrossSite{CrossSite::Sign::fetch_site, std::string(*site)};
    if (is_allowed(referer, allowed)) return std::nullopt;
    return CrossSite{CrossSite::Sign::origin, referer};
}

bool is_foreign_page(const RequestHead& request, std::span<const std::string> allowed) {
    const auto is_foreign = [&](const FieldLine& field) {
        return same_name(field.name, "Origin") && !is_trusted_page(field.value, allowed);
    };
    if (request.fields.has("Origin")) return std::ranges::any_of(request.fields, is_foreign);
    const auto site = request.fields.find("Sec-Fetch-Site");
    if (!site && !is_browser(request)) return false;
    const bool typed = site && same_name(*site, "none") && request.fields.count("Sec-Fetch-Site") == 1;
    if (typed || is_allowed("*", allowed)) return false;
    const std::string referer = referring_origin(request);
    return (referer.empty() || !is_trusted_page(referer, allowed)) && !asks_own_name(request, allowed);
}

bool is_preflight(const RequestHead& request) {
    return request.method == "OPTIONS" && request.fields.has("Origin") &&
           request.fields.has("Access-Control-Request-Method");
}

std::string named_page(const RequestHead& request, std::span<const std::string> allowed) {
    const auto origin = request.fields.count("Origin") == 1 ? request.fields.find("Origin") : std::nullopt;
    const bool named =
        origin && std::ranges::any_of(allowed, [&](const std::string& each) { return same_name(each, *origin); });
    return named && *origin != "*" ? std::string(*origin) : "";
}

}  // namespace inspect::http
