// What has been written to stderr lately, so that a page with fifty requests to a broken host makes
// one line and not fifty. Knows no diagnosis and no clock. The log keeps every event. Bounded,
// whatever clients and hosts make up.
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

    // Returns `line` when nothing with that key was written within the pause; otherwise counts it
    // and holds it back. due() returns what was held back, except with a pause longer than a
    // minute: such a line is a remark, which need not be counted.
    std::optional<std::string> admit(const std::string& key, const std::string& line, certs::Time at,
                                     std::int64_t pause = minute);

    // For each key whose minute is over and of which lines were held back: the last line, with
    // their number: "… (49 more times)".
    std::vector<std::string> due(certs::Time at);

private:
    struct Said {
        certs::Time at;
        std::int64_t pause = minute;
        std::uint64_t more = 0;  // held back since then
        std::string last;        // the last of those
    };
    std::mutex mutex_;
    std::unordered_map<std::string, Said> said_;
    std::uint64_t others_ = 0;  // for which there was no room
};

}  // namespace proxy
