// What a server says of itself, translated for a client that reached it under another address, and back: the gateway path and
// reverse mode (contract §2). Maps the fields of heads; bodies pass as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace inspect::http {

// One server, as the client names it (here) and as it names itself (there). An origin is "scheme://authority" (RFC 6454 §6.2), without the
// port that its scheme has by default; a path is "" or begins with "/" and does not end with one.
struct Mapping {
    std::string here_origin, here_path;
    std::string there_origin, there_path;
    std::string there_target = "/";  // of the request, as the server gets it: from there its relative references start
    bool reaches_all = false;        // the gateway: the URL of any other server is one of ours too, behind here_origin and "/"
    bool pathless = false;         // the client's URL ended with the server's name: what lies beside it (RFC 6265 §5.1.4) is every server's
    std::string page_origin = {};  // of a page elsewhere that --allow-origin names: it may read what the server does not keep from it
    bool here_is_own = true;       // nobody else could let here_origin lead to this listener (DNS rebinding)

    bool operator==(const Mapping&) const = default;
};

// Whether a path was meant to be one of the gateway's.
bool names_gateway(std::string_view path);
// The server that a gateway path names, "/https://api.example.com/v1?x": https, http, and wss or ws for these. One slash is
// enough behind the scheme, since some clients merge them. nullopt for other paths; `origin` is at least "/".
std::optional<Target> parse_gateway(std::string_view path);
// Whether a gateway path ends with the server's name, without the slash behind it ("/https://api.example.com?x").
bool is_pathless(std::string_view gateway_path);

// Whether the URL in a request's target, in absolute form or a gateway path, has "user:password@", which nobody takes there (RFC 9110 §4.2.4).
bool has_user_information(std::string_view target);

// The gateway path of what a gateway page asks of the listener itself: a reference from the root of its site ("/login") loses the server's
// name, which Referer still tells. nullopt when the request does not come from a gateway page of this listener.
std::optional<std::string> gateway_path_of(const RequestHead& request, std::string_view own_origin);

// "https://api.example.com:8443", of an absolute target.
std::string origin_of(const Target& target);

// Towards the server: Host, and where they name the client's side of it Origin and Referer; cookies get their names back, and behind the
// gateway those that it did not set for this server go. A page whose name
// somebody else could have let lead here is foreign to the server: of that its Origin and Referer go on telling, and Sec-Fetch-Site, which
// speaks of the name that the browser knows, then says cross-site.
void map_request(Fields& fields, const Mapping& mapping);

// Towards the client: Location, Content-Location, Link, Refresh, Access-Control-Allow-Origin, which is given to an allowed page where the server says nothing of it, and cookies: their domain becomes the
// client's own, their path moves, behind the gateway their name says of which server they are (which no script of its pages expects), and over plain HTTP they lose what only a secure connection may have (RFC 6265bis §4.1: Secure,
// SameSite=None, Partitioned, the prefixes of their names). Strict-Transport-Security and Alt-Svc speak of another host and go,
// behind the gateway also what would hold for all servers there (Service-Worker-Allowed, Clear-Site-Data, NEL and what belongs to it). There the realm of a Basic
// challenge gets the server's name, for a browser keeps passwords by origin and realm (RFC 7617 §2.2).
void map_response(Fields& fields, const Mapping& mapping);

// A URI reference (RFC 3986 §4.1) out of a server's mouth, as the client can follow it: from its URL of the request it leads to nobody whom the
// server did not name. Relative ones stay as they are where that holds anyway.
std::string map_reference(std::string_view reference, const Mapping& mapping);

}  // namespace inspect::http
