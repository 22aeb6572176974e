// What a request's head gets on its way to the next hop, beside what the client sent: the form that
// a parent proxy takes, and the marks by which loops are found (proxy/upstream/via). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "inspect/http/message.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// The head for that server or its parent; nullopt when it goes as it is. `received`: as via_of's.
// `pseudonym` is ours; `marked` adds it to CDN-Loop.
std::optional<inspect::http::RequestHead> for_next_hop(const inspect::http::RequestHead& request,
                                                       const Upstream& upstream, std::string_view received,
                                                       std::string_view pseudonym, bool marked);

}  // namespace proxy
