#include "proxy/services/identities.h"

namespace proxy {

const tls::ServerIdentity& Identities::find(std::string_view host, certs::Time now) {
    if (!authority_.is(minted_by_)) {
        by_host_.clear();
        recent_.clear();
        minted_by_ = authority_.get();
    }
    if (const auto known = by_host_.find(host); known != by_host_.end()) {
        const auto entry = known->second;
        if (now.seconds + certs::day < entry->not_after.seconds) {
            recent_.splice(recent_.begin(), recent_, entry);
            return entry->identity;
        }
        by_host_.erase(known);
        recent_.erase(entry);
    }
    if (recent_.size() == most) {
        by_host_.erase(recent_.back().host);
        recent_.pop_back();
    }
    const certs::MintedLeaf leaf = minted_by_->mint(host, now);
    recent_.push_front({std::string(host), leaf.not_after, tls::ServerIdentity(leaf.chain, leaf.key)});
    by_host_.emplace(recent_.front().host, recent_.begin());
    return recent_.front().identity;
}

}  // namespace proxy
