#include "proxy/upstream/reuse.h"

#include <algorithm>

namespace proxy {

namespace {

constexpr double second = 1000;
// The time that a request may take to the server, as Node's agent assumes it
// (agentKeepAliveTimeoutBuffer). For very short time-outs, half.
constexpr double margin = 1 * second;
// curl's default (CURLOPT_MAXAGE_CONN). It is below the four minutes after which the NATs of clouds
// silently drop an idle connection.
constexpr double longest_idle = 118 * second;

}  // namespace

void Reuse::answered(const inspect::http::KeepAlive& said, double at) {
    idle_since_ = at;
    ++answers_;
    timeout_ = said.timeout;
    max_ = said.max;
    if (!first_max_) first_max_ = said.max;
}

bool Reuse::allows(double at) const {
    const double idle = at - idle_since_;
    if (is_used_up() || idle > longest_idle) return false;
    const double allowed = timeout_.value_or(0) * second;
    return !timeout_ || idle < allowed - std::min(margin, allowed / 2);
}

// Apache counts `max` down to 0 and means the remaining requests. Node sends the same number each
// time and means all of them.
bool Reuse::is_used_up() const {
    if (!max_) return false;
    return *max_ == 0 || (max_ == first_max_ && answers_ >= *max_);
}

}  // namespace proxy
