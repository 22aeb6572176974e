#include "proxy/http/forwarding.h"

#include "proxy/upstream/parent_proxy.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;

std::optional<http::RequestHead> for_next_hop(const http::RequestHead& request, const Upstream& upstream,
                                              std::string_view received, std::string_view pseudonym, bool marked) {
    const Destination& destination = upstream.destination;
    if (const ParentProxy* parent = upstream.forwarder)
        return for_parent(request, *parent, destination.host, destination.port, via_of("", received, pseudonym));
    const bool passes_marks = upstream.leads_near();
    const bool has_marks = request.fields.has("CDN-Loop") && !passes_marks;
    if (!request.fields.has("Via") && !has_marks && !marked) return std::nullopt;
    http::RequestHead head = request;
    hide_whytls(head.fields);
    if (!passes_marks) hide_marks(head.fields);
    if (marked) mark(head.fields, pseudonym);
    return head;
}

}  // namespace proxy
