#include "proxy/log/repeats.h"

#include <fmt/format.h>

#include <utility>

namespace proxy {

namespace {

constexpr std::size_t most_keys = 4096;  // keys within a minute

std::string with_count(const std::string& line, std::uint64_t more) {
    return fmt::format("{} ({} more time{})", line, more, more == 1 ? "" : "s");
}

}  // namespace

std::optional<std::string> Repeats::admit(const std::string& key, const std::string& line, certs::Time at,
                                          std::int64_t pause) {
    const std::lock_guard lock(mutex_);
    const auto found = said_.find(key);
    if (found == said_.end()) {
        if (said_.size() >= most_keys) {
            ++others_;
            return std::nullopt;
        }
        said_.emplace(key, Said{at, pause, 0, ""});
        return line;
    }
    Said& said = found->second;
    if (said.at.seconds + said.pause > at.seconds) {
        ++said.more;
        if (pause == minute) said.last = line;
        return std::nullopt;
    }
    said.at = at;
    const std::uint64_t more = std::exchange(said.more, 0);
    return more == 0 || pause != minute ? line : with_count(line, more);
}

std::vector<std::string> Repeats::due(certs::Time at) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (auto each = said_.begin(); each != said_.end();) {
        Said& said = each->second;
        const bool over = said.at.seconds + said.pause <= at.seconds;
        if (over && said.more > 0 && said.pause == minute) {
            lines.push_back(with_count(said.last, std::exchange(said.more, 0)));
            said.at = at;
            ++each;
        } else {
            each = over ? said_.erase(each) : std::next(each);
        }
    }
    if (others_ > 0)
        lines.push_back(fmt::format("{} more failures of other hosts and clients", std::exchange(others_, 0)));
    return lines;
}

}  // namespace proxy
