// Where a request goes, by the way it came in (contract §2): the forward proxy's absolute form or
// tunnel, the gateway path, a reverse listener. Pure: heads in, heads out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "inspect/gateway/mapping.h"
#include "inspect/http/message.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

inline constexpr std::string_view own_host = "why.tls";
// Whether a target's host is whytls's own name, which is never looked up in DNS. A final dot
// changes nothing (RFC 1034 §3.1).
bool is_own_host(std::string_view host);

struct Route {
    Destination destination;
    inspect::http::RequestHead request;                  // as the server gets it
    std::optional<inspect::http::Mapping> mapping = {};  // for the response; a forward proxy maps nothing
};

// Whether a host is an IP address, for which no SNI is sent (RFC 6066 §3).
bool is_address(std::string_view host);

// The server of an http or https target.
Destination server_of(const inspect::http::Target& target);

// Inside a tunnel, where the client speaks to the server itself: only hop-by-hop fields are ours to
// end (RFC 9110 §7.6.1).
Route route_tunnelled(Destination tunnel, inspect::http::RequestHead request);

// `target` is the request's, in absolute form.
Route route_forward(const inspect::http::Target& target, inspect::http::RequestHead request);

// The gateway path. `upstream` is what parse_gateway found in it; `own_origin` is how the client
// names this listener. Pages of the origins that `allowed` names may read the answer.
Route route_gateway(const inspect::http::Target& upstream, std::string own_origin, std::span<const std::string> allowed,
                    inspect::http::RequestHead request);

// A reverse listener. `upstream` is its --reverse URL, `path` the request's. `own_name`: pages of
// `own_origin` are the server's own, and not foreign to it.
Route route_reverse(const inspect::http::Target& upstream, std::string own_origin, bool own_name, std::string_view path,
                    inspect::http::RequestHead request);

}  // namespace proxy
