// What has been said on stderr of late, so that a page with fifty requests to a broken host is one line and not fifty. Knows no diagnosis
// and no clock; the log keeps every event. Bounded, whatever clients and hosts make up.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/time.h"

namespace proxy {

class Repeats {
public:
    static constexpr std::int64_t minute = 60, day = 86'400;  // seconds

    // `line` when nothing of that key was said within the pause; else it is counted and kept back. One kept back is told by due(), but for a
    // pause longer than a minute: that one is a remark, which need not be counted.
    std::optional<std::string> admit(const std::string& key, const std::string& line, certs::Time at, std::int64_t pause = minute);

    // The last line of each key whose minute is over and of which some were kept back, with their number: "… (49 more times)".
    std::vector<std::string> due(certs::Time at);

private:
    struct Said {
        certs::Time at;
        std::int64_t pause = minute;
        std::uint64_t more = 0;  // since then
        std::string last;        // of those
    };
    std::mutex mutex_;
    std::unordered_map<std::string, Said> said_;
    std::uint64_t others_ = 0;  // that there was no room for
};

}  // namespace proxy
