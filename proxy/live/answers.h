// What the live page's interface answers at once. Each is a function of the book and of what was
// asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/respond.h"
#include "proxy/live/live.h"

namespace proxy {

// The query of a target, percent-decoded; the last of several equal names counts.
using Query = std::map<std::string, std::string, std::less<>>;
Query query_of(std::string_view target);
std::string_view path_of(std::string_view target);

Answer live_answer(int status, std::string_view media_type, std::string body);
Answer live_json(int status, std::string json);
Answer live_error(int status, std::string_view error, std::optional<std::size_t> position = std::nullopt);

// 403 for a request that another site's page makes, and where `changes` for one that does not show
// the page's token; nullopt when it may be answered.
std::optional<Answer> refuse_stranger(const LiveRequest& asked, bool changes);

// GET of anything but the events.
Answer live_get(const LiveRequest& asked);

}  // namespace proxy
