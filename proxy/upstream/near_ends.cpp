#include "proxy/upstream/near_ends.h"

namespace proxy {

namespace {

std::string key_of(const io::Address& near, const io::Address& far) { return near.to_string() + ' ' + far.to_string(); }

}  // namespace

NearEnds::Entry::Entry(NearEnds& ends, const io::Address& near, const io::Address& far)
    : came_back_(std::make_shared<std::atomic<bool>>(false)),
      listed_(&ends, Leave{key_of(near, far), came_back_.get()}) {
    const std::scoped_lock lock(ends.mutex_);
    ends.open_.insert_or_assign(listed_.get_deleter().key, came_back_);
}

void NearEnds::Entry::Leave::operator()(NearEnds* ends) const {
    const std::scoped_lock lock(ends->mutex_);
    const auto found = ends->open_.find(key);
    if (found != ends->open_.end() && found->second.get() == own) ends->open_.erase(found);
}

bool NearEnds::met(const io::Address& peer, const io::Address& meant) {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(key_of(peer, meant));
    if (found == open_.end()) return false;
    *found->second = true;
    return true;
}

}  // namespace proxy
