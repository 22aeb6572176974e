// The rest of the live page's interface as JSON: what it is told of this proxy and of the servers
// that were met, and what it asks for. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/time.h"
#include "inspect/flow/packed.h"
#include "inspect/report/page/why_tls.h"

namespace inspect::report {

// {"error": …}, and where in what was asked it is.
std::string error_json(std::string_view error, std::optional<std::size_t> position = std::nullopt);

struct LiveState {
    page::State proxy;
    std::string origin;     // of the page, as its browser names it
    std::string recording;  // the directory of --record; "" without
    bool secrets_shown = false;
    std::size_t content_limit = 0;  // octets kept of one message's content
    std::size_t flows = 0;          // in the book
};
std::string state_json(const LiveState& state);

// Each server that a flow reached or tried to, with what its latest connection showed; those whose
// certificate expires soonest come first. `newest_first` are flows.
std::string hosts_json(std::span<const PackedRecord> newest_first, certs::Time now);

// A request to be sent again, as far as it is to differ.
struct ReplayOrder {
    std::optional<std::string> method, url;
    std::optional<std::vector<std::pair<std::string, std::string>>> headers;
    std::optional<std::string> content;  // any bytes
};
// The error says which member is wrong. Nothing in it may end a line of HTTP.
std::expected<ReplayOrder, std::string> parse_replay(std::string_view text);

// {"host": …, "port": …}
std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_endpoint(std::string_view text);

}  // namespace inspect::report
