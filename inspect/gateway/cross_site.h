// Whether a request may come from a web page that has no business with this listener. Any page can
// make a browser send requests to 127.0.0.1 and, through the gateway path, to every server that the
// user reaches. Judged by what browsers cannot be made to leave out.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "inspect/http/message.h"

namespace inspect::http {

// Whether the host of `here`, a URL, is one of this listener's own names, which no one else could
// make lead here: an address, a name that RFC 6761 §6.3 reserves for this machine, or the host of
// an origin in `allowed` of the same scheme.
bool is_own_name(const Target& here, std::span<const std::string> allowed);

// What gives a request away, and its value.
struct CrossSite {
    enum class Sign {
        // Host is not one of the listener's own names: a page whose own name leads here (DNS
        // rebinding).
        host,
        // Origin (RFC 6454 §7), or the origin of Referer where Origin is missing, is neither the
        // listener's own nor allowed.
        origin,
        // Sec-Fetch-Site is cross-site or same-site, and nothing says whose page it is (Fetch
        // Metadata §2.3).
        fetch_site,
        // User-Agent is a browser's. Over plain HTTP to another machine, a browser leaves out
        // everything that would identify a page (§2).
        user_agent,
    };
    Sign sign = Sign::host;
    std::string value;
    bool operator==(const CrossSite&) const = default;
};

// nullopt when nothing speaks against the request. `own_origin` is the listener's origin as this
// request names it: "http://127.0.0.1:8080". `allowed` lists origins that may ask, "*" for any.
// Clients that are not browsers send neither Origin nor Sec-Fetch-Site, and name the listener by
// its address.
std::optional<CrossSite> cross_site(const RequestHead& request, std::string_view own_origin,
                                    std::span<const std::string> allowed);

// Whether the request was made, or may have been made, by a web page that is neither of this
// machine nor of an origin in `allowed`. The author of such a page can read the answer. Judged by
// Origin. Without one (a same-origin fetch has none), judged by Fetch Metadata or a browser's
// User-Agent: then the page has the name that was asked for, and someone else may by now have made
// that name lead to another server (DNS rebinding). What the user typed into the address bar
// (Sec-Fetch-Site: none) comes from no page.
bool is_foreign_page(const RequestHead& request, std::span<const std::string> allowed);

// Whether the request asks if a cross-origin page may send its request (Fetch §3.2.2,
// "CORS-preflight request").
bool is_preflight(const RequestHead& request);

// The origin of the page that a request comes from, when `allowed` names it ("*" names none); ""
// otherwise.
std::string named_page(const RequestHead& request, std::span<const std::string> allowed);

}  // namespace inspect::http
