// Whether a request may come from a web page that has no business with this listener: any page can aim a browser at
// 127.0.0.1, and through the gateway path at every server that the user reaches. Judged by what browsers cannot be made to leave out.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "inspect/http/message.h"

namespace inspect::http {

// What gives a request away, and its value.
struct CrossSite {
    enum class Sign {
        host,        // Host is a name that is not a loopback one: a page whose own name leads here (DNS rebinding)
        origin,      // Origin is neither the listener's own nor allowed (RFC 6454 §7)
        fetch_site,  // Sec-Fetch-Site: cross-site, and no allowed Origin (Fetch Metadata §2.3)
    };
    Sign sign = Sign::host;
    std::string value;
    bool operator==(const CrossSite&) const = default;
};

// nullopt when nothing speaks against it. `own_origin` is the listener's, as this request names it: "http://127.0.0.1:8080"; `allowed` are
// origins that may ask, "*" for any. Clients that are no browsers send neither Origin nor Sec-Fetch-Site and name the listener by its address.
std::optional<CrossSite> cross_site(const RequestHead& request, std::string_view own_origin, std::span<const std::string> allowed);

}  // namespace inspect::http
