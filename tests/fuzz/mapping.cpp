// Gateway paths and the mapping of heads on arbitrary bytes. What is mapped stays one line. A
// redirect mapped there and back leads to the same URL. A client that follows a mapped reference
// arrives where the server's own reference led.
#include <algorithm>
#include <cstdlib>

#include "certs/bytes.h"
#include "inspect/gateway/cross_site.h"
#include "inspect/gateway/mapping.h"
#include "inspect/http/reference.h"

using namespace inspect::http;

namespace {

// Where a reference that a client finds at an absolute URL leads it (RFC 3986 §5.2.2).
std::string followed(std::string_view url, std::string_view text) {
    const std::size_t path_at = std::min(url.find('/', url.find("://") + 3), url.size());
    const std::string_view origin = url.substr(0, path_at), base = url.substr(path_at);
    const std::string_view scheme = origin.substr(0, origin.find(':'));
    const Reference reference = parse_reference(text, scheme);
    const bool web = reference.scheme.empty() || reference.scheme == "http" || reference.scheme == "https";
    if (!web) return std::string(text);
    if (!reference.authority.empty()) {
        const std::string there =
            (reference.scheme.empty() ? std::string(scheme) : reference.scheme) + "://" + reference.authority;
        const auto target = parse_target("GET", there);
        const std::string rest = without_dot_segments(reference.rest);
        return (target ? origin_of(*target) : there) + (rest.starts_with('/') ? "" : "/") + rest;
    }
    const std::string& rest = reference.rest;
    if (rest.empty() || rest.front() == '#') return std::string(url) + rest;
    if (rest.front() == '?') return std::string(origin) + std::string(base.substr(0, base.find('?'))) + rest;
    return std::string(origin) + without_dot_segments(rest.front() == '/' ? rest : merged(base, rest));
}

// The server's own URL, as the gateway serves it.
std::string through_gateway(const Mapping& mapping, const std::string& url) {
    const std::size_t end = std::min(url.find_first_of("/?#", url.find("://") + 3), url.size());
    return parse_target("GET", url.substr(0, end)) ? mapping.here_origin + "/" + url : url;
}

void follow(const Mapping& mapping, const std::string& text) {
    for (const auto* asked : {"/", "/a/b?c=/../d"}) {
        Mapping one = mapping;
        one.there_target = asked;
        const std::string led = followed(one.there_origin + asked, text);
        if (!led.starts_with("http://") && !led.starts_with("https://")) continue;
        const std::string client = followed(one.here_origin + one.here_path + asked, map_reference(text, one));
        const bool same = client == through_gateway(one, led) || client == led;
        if (!same) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(certs::as_text({data + 1, size - 1}));
    const bool gateway = (data[0] & 1) != 0;
    const Mapping mapping{.here_origin = (data[0] & 2) != 0 ? "https://localhost:8443" : "http://127.0.0.1:8080",
                          .here_path = gateway ? "/https://api.example.com" : "",
                          .there_origin = "https://api.example.com",
                          .there_path = gateway ? "" : "/v1",
                          .reaches_all = gateway,
                          .pathless = is_pathless(text)};
    if (const auto target = parse_gateway(text)) {
        const auto again = parse_gateway("/" + origin_of(*target) + target->path_and_query);
        if (!again || origin_of(*again) != origin_of(*target) || again->path_and_query != target->path_and_query)
            std::abort();
        if (has_user_information(text)) std::abort();
    }
    if (gateway) follow(mapping, text);
    Fields fields;
    for (const auto* name :
         {"Host", "Origin", "Referer", "Cookie", "Location", "Link", "Refresh", "Set-Cookie", "WWW-Authenticate"})
        fields.add(name, text);
    RequestHead head;
    head.fields = fields;
    (void)cross_site(head, mapping.here_origin, {});
    head.target = "/login";
    if (const auto path = gateway_path_of(head, mapping.here_origin); path && !parse_gateway(*path)) std::abort();
    map_request(head.fields, mapping);
    map_response(fields, mapping);
    if (fields.size() - fields.count("WWW-Authenticate") != 8) std::abort();
    const auto location = fields.find("Location");
    // Through the gateway every web URL leads back through it.
    if (gateway && text.starts_with("https://") && parse_target("GET", text) &&
        !location->starts_with(mapping.here_origin + "/https://"))
        std::abort();
    return 0;
}
