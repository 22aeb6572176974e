// What a page asks of the live page's interface: requests to be sent again, servers to be checked.
// Whatever comes: no order contains what would end a line of HTTP, and a server has a name and a
// port.
#include <cstdlib>

#include "inspect/report/live_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto ends_line = [](std::string_view part) {
        return part.find_first_of(std::string_view("\r\n\0", 3)) != part.npos;
    };
    if (const auto order = report::parse_replay(text)) {
        if (order->method && !http::is_token(*order->method)) std::abort();
        if (order->url && !http::parse_target("GET", *order->url)) std::abort();
        if (order->headers)
            for (const auto& [name, value] : *order->headers)
                if (!http::is_token(name) || ends_line(value)) std::abort();
    } else if (order.error().empty() || ends_line(order.error())) {
        std::abort();
    }
    if (const auto endpoint = report::parse_endpoint(text);
        endpoint && (endpoint->first.empty() || endpoint->second == 0))
        std::abort();
    return 0;
}
