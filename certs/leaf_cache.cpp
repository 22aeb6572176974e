#include "certs/leaf_cache.h"

#include <utility>

namespace certs {
namespace {

constexpr std::int64_t renewal_margin = day;

}  // namespace

std::shared_ptr<const MintedLeaf> LeafCache::leaf(std::string_view host, Time now) {
    if (const auto found = by_host_.find(host); found != by_host_.end()) {
        const auto entry = found->second;
        if (entry->minted <= now && now.seconds < entry->leaf->not_after.seconds - renewal_margin) {
            entries_.splice(entries_.begin(), entries_, entry);
            return entry->leaf;
        }
        by_host_.erase(found);
        entries_.erase(entry);
    }

    auto minted = std::make_shared<const MintedLeaf>(authority_.mint(host, now));
    if (capacity_ == 0) return minted;
    if (entries_.size() >= capacity_) {
        by_host_.erase(entries_.back().host);
        entries_.pop_back();
    }
    entries_.push_front({std::string(host), minted, now});
    by_host_.emplace(entries_.front().host, entries_.begin());
    return minted;
}

}  // namespace certs
