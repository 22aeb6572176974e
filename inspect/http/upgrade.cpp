#include "inspect/http/upgrade.h"

#include <string_view>

namespace inspect::http {

namespace {

// The members of all Upgrade lines as one list; empty members mean nothing (RFC 9110 §5.6.1.2).
std::string protocols_of(const Fields& fields, std::string_view left_out) {
    std::string protocols;
    for (const FieldLine field : fields) {
        if (!same_name(field.name, "Upgrade")) continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            const std::string_view protocol = take_member(rest);
            if (protocol.empty() || same_name(protocol, left_out)) continue;
            protocols.append(protocols.empty() ? "" : ", ").append(protocol);
        }
    }
    return protocols;
}

}  // namespace

std::string offered_protocols(const Fields& request) {
    return request.has_token("Connection", "upgrade") ? protocols_of(request, "h2c") : "";
}

std::string chosen_protocols(const Fields& response) { return protocols_of(response, ""); }

bool offers_chosen(const Fields& request, const Fields& response) {
    if (protocols_of(request, "").empty()) return false;
    const std::string chosen = chosen_protocols(response);
    for (std::string_view rest = chosen; !rest.empty();)
        if (!request.has_token("Upgrade", take_member(rest))) return false;
    return true;
}

}  // namespace inspect::http
