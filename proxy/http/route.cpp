#include "proxy/http/route.h"

#include "inspect/gateway/cross_site.h"
#include "inspect/http/upgrade.h"

namespace proxy {

namespace http = inspect::http;

namespace {

// The head as the server gets it. Hop-by-hop fields end here. An upgrade is passed on, and so is
// the client's acceptance of trailers (RFC 9110 §10.1.4), which pass. A client of HTTP/1.0 gets no
// chunks, and so no trailers; a field that its Connection does not name was left by a hop that did
// not know it.
http::RequestHead for_server(http::RequestHead head) {
    const std::string protocols = http::offered_protocols(head.fields);
    const bool trailers =
        head.version.minor > 0 && head.fields.has_token("Connection", "TE") && head.fields.has_token("TE", "trailers");
    head.fields.remove_hop_by_hop();
    if (!protocols.empty() || trailers)
        head.fields.add("Connection", protocols.empty() ? "TE" : trailers ? "Upgrade, TE" : "Upgrade");
    else if (head.version.minor == 0)
        head.fields.add("Connection", "keep-alive");
    if (!protocols.empty()) head.fields.add("Upgrade", protocols);
    if (trailers) head.fields.add("TE", "trailers");
    return head;
}

Route mapped(const http::Target& upstream, std::string path, http::Mapping mapping, http::RequestHead request) {
    request.target = std::move(path);
    mapping.there_target = request.target;
    http::map_request(request.fields, mapping);
    return {server_of(upstream), for_server(std::move(request)), std::move(mapping)};
}

}  // namespace

bool is_address(std::string_view host) { return io::Address::parse(host, 0).has_value(); }

Destination server_of(const http::Target& target) {
    Destination destination{.host = target.host,
                            .port = target.port,
                            .tls = target.scheme == "https",
                            .name = target.host,
                            .sni = "",
                            .alpn = {}};
    destination.plain_requests = !destination.tls;
    if (!destination.tls) return destination;
    if (!is_address(destination.host)) destination.sni = destination.host;
    destination.alpn = {"http/1.1"};
    destination.or_http2 = true;
    return destination;
}

Route route_tunnelled(Destination tunnel, http::RequestHead request) {
    return {std::move(tunnel), for_server(std::move(request))};
}

Route route_forward(const http::Target& target, http::RequestHead request) {
    // RFC 9112 §3.2.2: the origin server gets the origin form, with the target's own host.
    request.target = target.path_and_query;
    const auto host = request.fields.find("Host");
    if (!host || *host != http::authority(target)) request.fields.set("Host", http::authority(target));
    return {server_of(target), for_server(std::move(request))};
}

Route route_gateway(const http::Target& upstream, std::string own_origin, std::span<const std::string> allowed,
                    http::RequestHead request) {
    const std::string origin = http::origin_of(upstream);
    http::Mapping mapping{.here_origin = std::move(own_origin),
                          .here_path = "/" + origin,
                          .there_origin = origin,
                          .there_path = "",
                          .reaches_all = true,
                          .pathless = http::is_pathless(request.target),
                          .page_origin = http::named_page(request, allowed)};
    return mapped(upstream, upstream.path_and_query, std::move(mapping), std::move(request));
}

Route route_reverse(const http::Target& upstream, std::string own_origin, bool own_name, std::string_view path,
                    http::RequestHead request) {
    std::string base = upstream.path_and_query;
    if (base.ends_with('/')) base.pop_back();
    std::string there = path == "*" ? "*" : base + std::string(path);
    http::Mapping mapping{.here_origin = std::move(own_origin),
                          .here_path = "",
                          .there_origin = http::origin_of(upstream),
                          .there_path = std::move(base),
                          .here_is_own = own_name};
    return mapped(upstream, std::move(there), std::move(mapping), std::move(request));
}

bool is_own_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host == own_host;
}

}  // namespace proxy
