// Whether a request may come from a web page that has no business with this listener: any page can aim a browser at
// 127.0.0.1, and through the gateway path at every server that the user reaches. Judged by what browsers cannot be made to leave out.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "inspect/http/message.h"

namespace inspect::http {

// Whether the host of `here`, a URL, is a name of this listener's own, that nobody else could let lead here: an address, one that RFC 6761 §6.3
// keeps for this machine, or the host of an origin in `allowed` of the same scheme.
bool is_own_name(const Target& here, std::span<const std::string> allowed);

// What gives a request away, and its value.
struct CrossSite {
    enum class Sign {
        host,        // Host is no name of the listener's own: a page whose own name leads here (DNS rebinding)
        origin,      // Origin (RFC 6454 §7), or for want of it that of Referer, is neither the listener's own nor allowed
        fetch_site,  // Sec-Fetch-Site: cross-site or same-site, and nothing says whose page it is (Fetch Metadata §2.3)
        user_agent,  // User-Agent is a browser's, which over plain HTTP to another machine leaves out all that would tell of a page (§2)
    };
    Sign sign = Sign::host;
    std::string value;
    bool operator==(const CrossSite&) const = default;
};

// nullopt when nothing speaks against it. `own_origin` is the listener's, as this request names it: "http://127.0.0.1:8080"; `allowed` are
// origins that may ask, "*" for any. Clients that are no browsers send neither Origin nor Sec-Fetch-Site and name the listener by its address.
std::optional<CrossSite> cross_site(const RequestHead& request, std::string_view own_origin, std::span<const std::string> allowed);

// Whether a web page made, or may have made, the request that is neither of this machine nor of an origin in `allowed`: what it is
// answered, the page's author reads. By Origin; without one, as a same-origin fetch has none, by Fetch Metadata or a browser's User-Agent:
// then the page has the name that was asked for, which somebody else may have let lead to another server by now (DNS rebinding). What the
// user typed into the address bar (Sec-Fetch-Site: none) is no page's.
bool is_foreign_page(const RequestHead& request, std::span<const std::string> allowed);

// The question whether a cross-origin page may send its request (Fetch §3.2.2, "CORS-preflight request").
bool is_preflight(const RequestHead& request);

// The origin of the page that a request comes from, when `allowed` names it ("*" names none); "" otherwise.
std::string named_page(const RequestHead& request, std::span<const std::string> allowed);

}  // namespace inspect::http
