#include "proxy/upstream/memory/resumptions.h"

#include <algorithm>
#include <utility>

namespace proxy {

void Resumptions::keep(const std::string& place, Resumption resumption) {
    const auto is_of_place = [&](const Entry& entry) { return entry.place == place; };
    const auto there = static_cast<std::size_t>(std::ranges::count_if(oldest_first_, is_of_place));
    if (there == most_at_a_place)
        oldest_first_.erase(std::ranges::find_if(oldest_first_, is_of_place));
    else if (oldest_first_.size() == most)
        oldest_first_.pop_front();
    oldest_first_.push_back({place, std::move(resumption)});
}

std::optional<Resumption> Resumptions::take(const std::string& place, const std::shared_ptr<const Keyring>& keyring,
                                            certs::Time now) {
    std::erase_if(oldest_first_, [&](const Entry& entry) {
        const FoundGood& found = *entry.resumption.found;
        return now < found.from || !(now < found.until) || (entry.place == place && found.keyring != keyring);
    });
    const auto last = std::find_if(oldest_first_.rbegin(), oldest_first_.rend(),
                                   [&](const Entry& entry) { return entry.place == place; });
    if (last == oldest_first_.rend()) return std::nullopt;
    Resumption resumption = std::move(last->resumption);
    oldest_first_.erase(std::next(last).base());
    return resumption;
}

void Resumptions::forget(const std::string& place) {
    std::erase_if(oldest_first_, [&](const Entry& entry) { return entry.place == place; });
}

}  // namespace proxy
