// The leaves minted lately, one a host, so that a busy host costs one signature and not one a connection. Bounded: the host
// longest unused goes first. Belongs to one event loop; threads do not share it.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "certs/authority.h"
#include "certs/time.h"

namespace certs {

class LeafCache {
public:
    // About 1.5 kB an entry. `authority` must outlive the cache; a capacity of 0 keeps nothing.
    explicit LeafCache(const Authority& authority, std::size_t capacity = 1'000) : authority_(authority), capacity_(capacity) {}

    // The leaf for `host` (as Authority::mint takes it), minted when there is none, when the one there has less than a day left, or
    // when `now` lies before the time it was minted at (the clock was put back).
    std::shared_ptr<const MintedLeaf> leaf(std::string_view host, Time now);

    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string host;
        std::shared_ptr<const MintedLeaf> leaf;
        Time minted;
    };

    const Authority& authority_;
    std::size_t capacity_;
    std::list<Entry> entries_;                                                  // the most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_host_;  // keys view Entry::host
};

}  // namespace certs
