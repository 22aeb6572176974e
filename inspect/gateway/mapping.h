// What a server says of itself, translated for a client that reached it under another address, and
// back: for the gateway path and reverse mode (contract §2). Maps the fields of heads; bodies pass
// unchanged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace inspect::http {

// One server, as the client names it (here) and as it names itself (there). An origin is
// "scheme://authority" (RFC 6454 §6.2), without the scheme's default port. A path is "" or begins
// with "/", and does not end with "/".
struct Mapping {
    std::string here_origin, here_path;
    std::string there_origin, there_path;
    // Of the request, as the server gets it; the server's relative references start from there.
    std::string there_target = "/";
    // The gateway: the URL of any other server is one of ours too, after here_origin and "/".
    bool reaches_all = false;
    // The client's URL ended with the server's name: the default path there (RFC 6265 §5.1.4)
    // covers every server.
    bool pathless = false;
    // Of a page elsewhere that --allow-origin names: it may read what the server does not withhold
    // from it.
    std::string page_origin = {};
    // No one else could make here_origin lead to this listener (DNS rebinding).
    bool here_is_own = true;

    bool operator==(const Mapping&) const = default;
};

// Whether a path was meant as a gateway path.
bool names_gateway(std::string_view path);
// The server that a gateway path names, "/https://api.example.com/v1?x". The scheme is https or
// http, or wss or ws for these. One slash after the scheme is enough, since some clients merge the
// two. nullopt for other paths; path_and_query is at least "/".
std::optional<Target> parse_gateway(std::string_view path);
// Whether a gateway path ends with the server's name, without a slash after it
// ("/https://api.example.com?x").
bool is_pathless(std::string_view gateway_path);

// Whether the URL in a request's target (absolute form or a gateway path) has "user:password@",
// which no one accepts there (RFC 9110 §4.2.4).
bool has_user_information(std::string_view target);

// The gateway path for a request that a gateway page sent to the listener itself: a reference from
// the root of its site ("/login") loses the server's name, but Referer still has it. nullopt when
// the request does not come from a gateway page of this listener.
std::optional<std::string> gateway_path_of(const RequestHead& request, std::string_view own_origin);

// The origin of an absolute target: "https://api.example.com:8443".
std::string origin_of(const Target& target);

// Towards the server: maps Host, and Origin and Referer where they name the client's side. Cookies
// get their names back; behind the gateway, cookies that it did not set for this server are
// removed. A page whose name someone else could have made lead here is foreign to the server:
// Origin and Referer keep naming that page, and Sec-Fetch-Site, which is about the name that the
// browser knows, becomes cross-site.
void map_request(Fields& fields, const Mapping& mapping);

// Towards the client: maps Location, Content-Location, Link, Refresh, Access-Control-Allow-Origin
// and cookies. An allowed page gets Access-Control-Allow-Origin where the server does not send it.
// A cookie's domain becomes the client's own, and its path moves. Behind the gateway a cookie's
// name identifies its server (which no script of its pages expects). Over plain HTTP cookies lose
// what only a secure connection may have (RFC 6265bis §4.1: Secure, SameSite=None, Partitioned, the
// prefixes of their names).
// Strict-Transport-Security and Alt-Svc are about another host and are removed. Behind the gateway,
// fields that would hold for all servers there are removed too (Service-Worker-Allowed,
// Clear-Site-Data, NEL and what belongs to it). There the realm of a Basic challenge gets the
// server's name, because a browser keeps passwords by origin and realm (RFC 7617 §2.2).
void map_response(Fields& fields, const Mapping& mapping);

// A URI reference (RFC 3986 §4.1) from a server, as the client can follow it: from the client's URL
// of the request, it leads to no server that the server did not name. Relative references stay as
// they are where that holds anyway.
std::string map_reference(std::string_view reference, const Mapping& mapping);

}  // namespace inspect::http
