#include "proxy/upstream/memory/http2_only.h"

namespace proxy {

void Http2Only::remember(const std::string& server, double now) {
    const std::lock_guard lock(mutex_);
    if (until_.size() >= most) std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    if (until_.size() < most || until_.contains(server)) until_[server] = now + kept;
}

bool Http2Only::holds(const std::string& server, double now) const {
    const std::lock_guard lock(mutex_);
    const auto known = until_.find(server);
    return known != until_.end() && now < known->second;
}

bool Http2Only::forget(const std::string& server) {
    const std::lock_guard lock(mutex_);
    return until_.erase(server) > 0;
}

}  // namespace proxy
