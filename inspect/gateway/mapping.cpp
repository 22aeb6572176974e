#include "inspect/gateway/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <vector>

#include "certs/bytes.h"
#include "certs/crypto.h"
#include "inspect/http/challenge.h"
#include "inspect/http/reference.h"

namespace inspect::http {

namespace {

// Before a cookie's name: behind the gateway, or where its prefix means a secure connection.
constexpr std::string_view renamed = "whytls";

bool starts_with_name(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && same_name(text.substr(0, prefix.size()), prefix);
}

struct GatewayScheme {
    std::string_view prefix, speaks;
};

const GatewayScheme* find_scheme(std::string_view path) {
    static constexpr std::array<GatewayScheme, 4> schemes{
        {{"/https:/", "https"}, {"/http:/", "http"}, {"/wss:/", "https"}, {"/ws:/", "http"}}};
    const auto found =
        std::ranges::find_if(schemes, [&](const GatewayScheme& each) { return starts_with_name(path, each.prefix); });
    return found == schemes.end() ? nullptr : &*found;
}

// What follows `base` in a path that lies below it; nullopt for a path elsewhere.
std::optional<std::string_view> below(std::string_view path, std::string_view base) {
    if (!path.starts_with(base)) return std::nullopt;
    path.remove_prefix(base.size());
    if (!path.empty() && path.front() != '/' && path.front() != '?' && path.front() != '#') return std::nullopt;
    return path;
}

struct Url {
    std::string origin;
    std::string_view rest;  // path, query and fragment, unchanged; perhaps empty
};

// An http or https URL in its parts; nullopt for anything else.
std::optional<Url> split(std::string_view url) {
    if (!starts_with_name(url, "http://") && !starts_with_name(url, "https://")) return std::nullopt;
    const std::size_t authority_at = url.find("://") + 3;
    const std::size_t path_at = std::min(url.find_first_of("/?#", authority_at), url.size());
    const auto target = parse_target("GET", url.substr(0, path_at));
    if (!target) return std::nullopt;
    return Url{origin_of(*target), url.substr(path_at)};
}

std::string_view scheme_of(std::string_view origin) { return origin.substr(0, origin.find(':')); }

// A reference that names a host.
std::string map_absolute(std::string_view scheme, const Reference& reference, const Mapping& mapping) {
    const std::string named = std::string(scheme) + "://" + reference.authority;
    const auto target = parse_target("GET", named);
    if (!target) return named + reference.rest;
    const std::string origin = origin_of(*target);
    std::string rest = has_parent_segment(reference.rest) ? without_dot_segments(reference.rest) : reference.rest;
    // Without it, a relative reference there would take the server's name for a file name.
    if (!rest.starts_with('/')) rest.insert(0, "/");
    if (origin == mapping.there_origin) {
        const auto part = below(rest, mapping.there_path);
        return part ? mapping.here_origin + mapping.here_path + std::string(*part) : named + rest;
    }
    return mapping.reaches_all ? mapping.here_origin + "/" + origin + rest : named + reference.rest;
}

// A path such as "/x", as the server wrote it.
std::string map_path(std::string_view path, const Mapping& mapping) {
    if (const auto rest = below(path, mapping.there_path)) {
        const std::string mapped = mapping.here_path + (rest->empty() ? "/" : std::string(*rest));
        // Without its base a path could begin like another host's name (RFC 3986 §4.2).
        return mapped.starts_with("//") ? mapping.here_origin + mapped : mapped;
    }
    return mapping.there_origin + std::string(path);
}

// <URI>; parameters, <URI>; … (RFC 8288 §3). Between angle brackets a comma is part of the URI.
std::string map_link(std::string_view value, const Mapping& mapping) {
    std::string result;
    while (!value.empty()) {
        const std::size_t open = value.find('<');
        const std::size_t close = open == std::string_view::npos ? open : value.find('>', open);
        if (close == std::string_view::npos) break;
        result += value.substr(0, open + 1);
        result += map_reference(certs::trimmed(value.substr(open + 1, close - open - 1)), mapping);
        value.remove_prefix(close);
    }
    return result.append(value);
}

// "5; url=https://…", the URL perhaps in quotes or without "url=" (HTML, "shared declarative
// refresh steps").
std::string map_refresh(std::string_view value, const Mapping& mapping) {
    const std::size_t separator = value.find_first_of(";, \t", std::min(value.find_first_not_of(" \t"), value.size()));
    if (separator == std::string_view::npos) return std::string(value);
    std::string_view rest = certs::trimmed(value.substr(separator));
    if (rest.starts_with(';') || rest.starts_with(',')) rest = certs::trimmed(rest.substr(1));
    if (starts_with_name(rest, "url")) {
        const std::string_view behind = certs::trimmed(rest.substr(3));
        if (behind.starts_with('=')) rest = certs::trimmed(behind.substr(1));
    }
    if (rest.empty()) return std::string(value);
    std::string_view quote;
    if (rest.starts_with('\'') || rest.starts_with('"')) {
        quote = rest.substr(0, 1);
        rest.remove_prefix(1);
        rest = rest.substr(0, rest.find(quote.front()));
    }
    return std::string(certs::trimmed(value.substr(0, separator))) + "; url=" + std::string(quote) +
           map_reference(rest, mapping) + std::string(quote);
}

// RFC 6265 §5.1.4: a cookie's path covers the paths below it.
std::string map_cookie_path(std::string_view path, const Mapping& mapping) {
    if (const auto rest = below(path, mapping.there_path))
        return mapping.here_path + (rest->empty() ? "/" : std::string(*rest));
    return mapping.here_path + "/";  // for a wider path such as "/": everything that is mapped
}

// Goes before each cookie's name behind the gateway and identifies the cookie's server. To a
// browser all ports of a host share their cookies, so it also sends the gateway the cookies of
// other programs on this machine.
std::string gateway_prefix(const Mapping& mapping) {
    constexpr std::size_t enough = 6;  // bytes; the paths already keep servers apart
    return fmt::format("{}-{}-", renamed,
                       certs::hex(certs::Bytes(certs::sha256(certs::as_bytes(mapping.there_origin))).first(enough)));
}

bool has_secure_prefix(std::string_view name) {
    return starts_with_name(name, "__Host-") || starts_with_name(name, "__Secure-");
}

std::string map_set_cookie(std::string_view value, const Mapping& mapping) {
    const bool secure = mapping.here_origin.starts_with("https:");
    std::string result;
    if (mapping.reaches_all) {
        value = certs::trimmed(value);
        if (value.empty()) return "";
        result += gateway_prefix(mapping);
    } else if (!secure && has_secure_prefix(value)) {
        result += renamed;
    }
    bool first = true, has_path = false;
    while (true) {
        const std::size_t semicolon = value.find(';');
        const std::string_view part = value.substr(0, semicolon);
        const std::string_view attribute = certs::trimmed(part);
        const std::size_t equals = attribute.find('=');
        const std::string_view name = certs::trimmed(attribute.substr(0, equals));
        const std::string_view content =
            equals == std::string_view::npos ? std::string_view{} : certs::trimmed(attribute.substr(equals + 1));
        const bool dropped =
            same_name(name, "Domain") || (!secure && (same_name(name, "Secure") || same_name(name, "Partitioned") ||
                                                      (same_name(name, "SameSite") && same_name(content, "None"))));
        const bool is_path = !first && same_name(name, "Path");
        if (is_path) has_path = content.starts_with('/');  // the last one counts
        if (first)
            result += part;
        else if (is_path && has_path)
            result += "; Path=" + map_cookie_path(content, mapping);
        else if (!dropped)
            result.append(";").append(part);
        first = false;
        if (semicolon == std::string_view::npos)
            return mapping.pathless && !has_path ? result + "; Path=" + mapping.here_path + "/" : result;
        value.remove_prefix(semicolon + 1);
    }
}

void map_challenges(Fields& fields, std::string_view there) {
    std::vector<std::string> challenges;
    for (const FieldLine field : fields)
        if (same_name(field.name, "WWW-Authenticate"))
            std::ranges::move(named_challenges(field.value, there), std::back_inserter(challenges));
    fields.remove("WWW-Authenticate");
    for (const std::string& challenge : challenges) fields.add("WWW-Authenticate", challenge);
}

// Restores the names of cookies that map_set_cookie renamed because the connection was not secure.
std::string map_cookie(std::string_view value) {
    std::string result;
    while (true) {
        const std::size_t semicolon = value.find(';');
        std::string_view pair = value.substr(0, semicolon);
        const std::size_t name_at = std::min(pair.find_first_not_of(' '), pair.size());
        result += pair.substr(0, name_at);
        pair.remove_prefix(name_at);
        if (pair.starts_with(renamed) && has_secure_prefix(pair.substr(renamed.size())))
            pair.remove_prefix(renamed.size());
        result += pair;
        if (semicolon == std::string_view::npos) return result;
        result += ';';
        value.remove_prefix(semicolon + 1);
    }
}

// The cookies of a line that the gateway has set for this server, under the names that the server
// gave them.
void take_own_cookies(std::string_view line, std::string_view prefix, std::string& own) {
    while (!line.empty()) {
        const std::size_t semicolon = std::min(line.find(';'), line.size());
        const std::string_view pair = certs::trimmed(line.substr(0, semicolon));
        line.remove_prefix(std::min(semicolon + 1, line.size()));
        if (pair.starts_with(prefix)) own.append(own.empty() ? "" : "; ").append(pair.substr(prefix.size()));
    }
}

void map_cookies(Fields& fields, const Mapping& mapping) {
    if (!fields.has("Cookie")) return;
    if (!mapping.reaches_all) {
        if (!mapping.here_origin.starts_with("https:")) fields.rewrite("Cookie", map_cookie);
        return;
    }
    const std::string prefix = gateway_prefix(mapping);
    std::string own;
    for (const FieldLine field : fields)
        if (same_name(field.name, "Cookie")) take_own_cookies(field.value, prefix, own);
    if (own.empty())
        fields.remove("Cookie");
    else
        fields.set("Cookie", own);
}

// The page that led here, as the server would know it; nullopt when the server does not know that
// page.
std::optional<std::string> map_referer(std::string_view value, const Mapping& mapping) {
    const auto parts = split(value);
    if (!parts || parts->origin != mapping.here_origin) return std::string(value);
    if (const auto rest = below(parts->rest, mapping.here_path); rest && !mapping.reaches_all)
        return mapping.there_origin + mapping.there_path + std::string(*rest);
    if (!mapping.reaches_all) return std::nullopt;
    const auto target = parse_gateway(parts->rest);
    if (!target) return std::nullopt;
    // To another server only the origin is sent, as browsers do (Referrer Policy,
    // strict-origin-when-cross-origin).
    const std::string origin = origin_of(*target);
    return origin == mapping.there_origin ? origin + target->path_and_query : origin + "/";
}

// The origin whose page a gateway page is, from its URL.
std::string origin_of_page(std::string_view referer, const Mapping& mapping) {
    const auto parts = split(referer);
    const auto target = parts && parts->origin == mapping.here_origin ? parse_gateway(parts->rest) : std::nullopt;
    return target ? origin_of(*target) : mapping.there_origin;
}

// Fetch Metadata §2.3. What the user typed comes from no page.
void tell_as_cross_site(Fields& fields) {
    fields.rewrite("Sec-Fetch-Site",
                   [](std::string_view value) { return same_name(value, "none") ? "none" : "cross-site"; });
}

// The CORS protocol (Fetch §3.2). From "null" a browser cannot tell whose page it is: such a page
// may not read an answer to the user's cookies.
void let_read(Fields& fields, const std::string& origin) {
    fields.add("Access-Control-Allow-Origin", origin);
    if (origin != "null") fields.add("Access-Control-Allow-Credentials", "true");
    fields.add("Access-Control-Expose-Headers", "*");
    fields.add("Vary", "Origin");
}

// The URL in a request's target (absolute form or a gateway path), after its scheme.
std::string_view behind_scheme(std::string_view target) {
    if (const GatewayScheme* const scheme = find_scheme(target)) {
        target.remove_prefix(scheme->prefix.size());
        if (target.starts_with('/')) target.remove_prefix(1);
        return target;
    }
    const std::size_t colon = target.find("://");
    return colon == std::string_view::npos ? std::string_view{} : target.substr(colon + 3);
}

}  // namespace

bool has_user_information(std::string_view target) {
    const std::string_view url = behind_scheme(target);
    return url.substr(0, url.find_first_of("/?#")).contains('@');
}

bool names_gateway(std::string_view path) { return find_scheme(path) != nullptr; }

std::optional<Target> parse_gateway(std::string_view path) {
    const GatewayScheme* const scheme = find_scheme(path);
    if (!scheme) return std::nullopt;
    path.remove_prefix(scheme->prefix.size());
    if (path.starts_with('/')) path.remove_prefix(1);
    return parse_target("GET", std::string(scheme->speaks) + "://" + std::string(path));
}

std::optional<std::string> gateway_path_of(const RequestHead& request, std::string_view own_origin) {
    const auto referer = request.fields.find("Referer");
    const auto page = referer ? split(*referer) : std::nullopt;
    if (!page || page->origin != own_origin || !request.target.starts_with('/')) return std::nullopt;
    const auto server = parse_gateway(page->rest);
    return server ? std::optional("/" + origin_of(*server) + request.target) : std::nullopt;
}

bool is_pathless(std::string_view gateway_path) {
    if (!names_gateway(gateway_path)) return false;
    const std::string_view url = behind_scheme(gateway_path);
    const std::size_t end = url.find_first_of("/?#");
    return end == std::string_view::npos || url[end] != '/';
}

std::string origin_of(const Target& target) { return target.scheme + "://" + authority(target); }

std::string map_reference(std::string_view reference, const Mapping& mapping) {
    const std::string_view there_scheme = scheme_of(mapping.there_origin);
    const Reference parts = parse_reference(reference, there_scheme);
    const bool web = parts.scheme.empty() || parts.scheme == "http" || parts.scheme == "https";
    if (!web) return std::string(reference);
    if (!parts.authority.empty())
        return map_absolute(parts.scheme.empty() ? there_scheme : parts.scheme, parts, mapping);
    const bool climbs = has_parent_segment(parts.rest);
    if (parts.rest.starts_with('/')) return map_path(climbs ? without_dot_segments(parts.rest) : parts.rest, mapping);
    // The client resolves the reference by itself, unless the reference could leave its server's
    // part: by "..", because no slash ends the server's name there, or because the rest, without
    // the scheme that stood before it, looks like a scheme itself or begins with a blank, which is
    // ignored ("https: //other.test").
    const std::string_view from = mapping.there_target;
    const bool beside = !parts.rest.empty() && parts.rest.front() != '?' && parts.rest.front() != '#';
    const bool at_root = !mapping.here_path.empty() && from.substr(0, from.find('?')) == "/";
    const bool like_scheme = parts.rest.substr(0, parts.rest.find_first_of("/?#")).contains(':');
    const bool padded = parts.rest.starts_with(' ');
    if (!beside || (!climbs && !at_root && !like_scheme && !padded)) return parts.rest;
    return map_path(without_dot_segments(merged(from, parts.rest)), mapping);
}

void map_request(Fields& fields, const Mapping& mapping) {
    const std::string_view there = mapping.there_origin;
    fields.set("Host", there.substr(there.find("://") + 3));
    map_cookies(fields, mapping);
    if (!mapping.here_is_own) {
        tell_as_cross_site(fields);
        return;
    }
    const std::optional<std::string> referer(fields.find("Referer"));  // the others change
    const std::string page = mapping.reaches_all && referer ? origin_of_page(*referer, mapping) : mapping.there_origin;
    fields.rewrite("Origin",
                   [&](std::string_view value) { return value == mapping.here_origin ? page : std::string(value); });
    if (page != there) tell_as_cross_site(fields);
    if (referer) {
        if (const auto mapped = map_referer(*referer, mapping))
            fields.set("Referer", *mapped);
        else
            fields.remove("Referer");
    }
}

void map_response(Fields& fields, const Mapping& mapping) {
    const auto reference = [&](std::string_view value) { return map_reference(value, mapping); };
    fields.rewrite("Location", reference);
    fields.rewrite("Content-Location", reference);
    fields.rewrite("Link", [&](std::string_view value) { return map_link(value, mapping); });
    fields.rewrite("Refresh", [&](std::string_view value) { return map_refresh(value, mapping); });
    fields.rewrite("Set-Cookie", [&](std::string_view value) { return map_set_cookie(value, mapping); });
    fields.rewrite("Access-Control-Allow-Origin", [&](std::string_view value) {
        return value == mapping.there_origin ? mapping.here_origin : std::string(value);
    });
    fields.remove("Strict-Transport-Security");
    fields.remove("Alt-Svc");
    if (!mapping.page_origin.empty() && !fields.has("Access-Control-Allow-Origin"))
        let_read(fields, mapping.page_origin);
    if (!mapping.reaches_all) return;
    map_challenges(fields, mapping.there_origin);
    for (const auto* name : {"Service-Worker-Allowed", "Clear-Site-Data", "NEL", "Report-To", "Reporting-Endpoints"})
        fields.remove(name);
}

}  // namespace inspect::http
