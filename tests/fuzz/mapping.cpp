// Gateway paths and the mapping of heads on arbitrary bytes: what is mapped stays one line, and the way there and back of a
// redirect leads to the same URL.
#include <cstdlib>

#include "certs/bytes.h"
#include "inspect/http/cross_site.h"
#include "inspect/http/mapping.h"

using namespace inspect::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(certs::as_text({data + 1, size - 1}));
    const bool gateway = (data[0] & 1) != 0;
    const Mapping mapping{.here_origin = (data[0] & 2) != 0 ? "https://localhost:8443" : "http://127.0.0.1:8080",
                          .here_path = gateway ? "/https://api.example.com" : "",
                          .there_origin = "https://api.example.com",
                          .there_path = gateway ? "" : "/v1",
                          .reaches_all = gateway,
                          .pathless = is_pathless(text)};
    if (const auto target = parse_gateway(text)) {
        const auto again = parse_gateway("/" + origin_of(*target) + target->origin);
        if (!again || origin_of(*again) != origin_of(*target) || again->origin != target->origin) std::abort();
    }
    Fields fields;
    for (const auto* name : {"Host", "Origin", "Referer", "Cookie", "Location", "Link", "Refresh", "Set-Cookie", "WWW-Authenticate"})
        fields.add(name, text);
    RequestHead head;
    head.fields = fields;
    (void)cross_site(head, mapping.here_origin, {});
    head.target = "/login";
    if (const auto path = gateway_path_of(head, mapping.here_origin); path && !parse_gateway(*path)) std::abort();
    map_request(head.fields, mapping);
    map_response(fields, mapping);
    if (fields.size() != 9) std::abort();
    const std::string* location = fields.find("Location");
    // Through the gateway every web URL leads back through it.
    if (gateway && text.starts_with("https://") && parse_target("GET", text) && !location->starts_with(mapping.here_origin + "/https://"))
        std::abort();
    return 0;
}
