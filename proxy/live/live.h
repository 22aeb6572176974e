// The live page and its interface (contract §5a): what a request to it is answered. Reads the book;
// knows neither how the request came nor who else is served.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "inspect/http/message.h"
#include "inspect/report/live_json.h"
#include "proxy/io/task.h"
#include "proxy/services/context.h"
#include "proxy/stream/stream.h"

namespace proxy {

// Sends a request of the book again and returns the new flow's number; or why it cannot.
using Replay =
    std::function<io::Task<std::expected<std::uint64_t, std::string>>(RecordPointer, inspect::report::ReplayOrder)>;

struct LiveRequest {
    ClientContext& context;
    ServerStream& stream;
    const inspect::http::RequestHead& request;
    std::string target;  // path and query
    std::string origin;  // the page's own, "http://127.0.0.1:8081"
    inspect::page::State page;
    Replay replay;
};

// Whether a request's path belongs to the live page where it stands beside the proxy's own page
// (http://why.tls/): "/live", its files, and "/api/…".
bool is_of_live_page(std::string_view path);

// Answers the request. True when another may follow on its connection.
io::Task<bool> serve_live(LiveRequest asked);

}  // namespace proxy
