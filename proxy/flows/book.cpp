#include "proxy/flows/book.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace proxy {

namespace {

// What flows share, about; it is counted with the flow that opened the connection.
std::size_t size_of_shared(const inspect::Record& record) {
    constexpr std::size_t leg = 10'000;  // a diagnosis without its certificates
    std::size_t size = record.own ? leg : 0;
    if (record.server && record.server->opened_ms >= record.began_ms) {
        size += leg;
        for (const inspect::KeptCertificate& each : record.server->certificates) size += 2 * each.pem.size();
    }
    return size;
}

}  // namespace

std::uint64_t Book::new_number() {
    const std::lock_guard lock(mutex_);
    return next_++;
}

void Book::put(inspect::Record&& record) {
    if (!open_) return;
    const std::size_t shared = size_of_shared(record);
    inspect::PackedRecord packed(record);
    inspect::PackedRecord before;  // its memory is given back without the lock
    {
        const std::lock_guard lock(mutex_);
        const auto [found, is_new] = flows_.try_emplace(record.number);
        Kept& kept = found->second;
        if (is_new) order_.push_back(record.number);
        before = std::exchange(kept.record, packed);
        size_ -= std::exchange(kept.size, packed.size() + shared);
        size_ += kept.size;
        kept.changed = ++position_;
        changes_.push_back(record.number);
        if (changes_.size() > limits_.changes) changes_.pop_front();
        make_room();
    }
    if (record.complete && !record.imported && keep_) keep_(record, packed);
}

// Contents go first, then the flows themselves. A flow that goes on has its content in its next
// record again, and loses it once more.
void Book::make_room() {
    while (size_ > limits_.bytes && without_contents_ < order_.size()) {
        Kept& kept = flows_.at(order_[without_contents_++]);
        const std::size_t before = kept.record.size();
        kept.record.drop_contents();
        kept.size -= before - kept.record.size();
        size_ -= before - kept.record.size();
    }
    while (order_.size() > limits_.flows || (size_ > limits_.bytes && order_.size() > 1)) {
        const auto oldest = flows_.find(order_.front());
        size_ -= oldest->second.size;
        flows_.erase(oldest);
        order_.pop_front();
        without_contents_ -= std::min<std::size_t>(without_contents_, 1);
    }
    if (without_contents_ == order_.size() && size_ > limits_.bytes) without_contents_ = 0;
}

void Book::clear() {
    std::unordered_map<std::uint64_t, Kept> flows;
    const std::lock_guard lock(mutex_);
    flows.swap(flows_);
    order_.clear();
    changes_.clear();
    size_ = without_contents_ = 0;
    cleared_at_ = ++position_;
    cleared_below_ = next_;
    changes_.push_back(0);
}

RecordPointer Book::find(std::uint64_t number) const {
    inspect::PackedRecord packed;
    {
        const std::lock_guard lock(mutex_);
        const auto found = flows_.find(number);
        if (found == flows_.end()) return nullptr;
        packed = found->second.record;
    }
    return std::make_shared<const inspect::Record>(packed.record());
}

std::uint64_t Book::cleared_below() const {
    const std::lock_guard lock(mutex_);
    return cleared_below_;
}

std::uint64_t Book::oldest() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t lowest = next_;
    for (const auto& [number, kept] : flows_) lowest = std::min(lowest, number);
    return lowest;
}

std::size_t Book::size() const {
    const std::lock_guard lock(mutex_);
    return flows_.size();
}

std::uint64_t Book::position() const {
    const std::lock_guard lock(mutex_);
    return position_;
}

std::vector<inspect::PackedRecord> Book::newest(std::uint64_t before, std::size_t most,
                                                const std::function<bool(const inspect::Record&)>& wanted) const {
    std::vector<inspect::PackedRecord> found;
    {
        const std::lock_guard lock(mutex_);
        found.reserve(flows_.size());
        for (const auto& [number, kept] : flows_)
            if (number < before) found.push_back(kept.record);
    }
    std::ranges::sort(found, std::ranges::greater(), &inspect::PackedRecord::number);
    if (wanted) {
        std::erase_if(found, [&, left = most](const auto& each) mutable {
            const bool takes = left > 0 && wanted(each.without_contents());
            left -= takes;
            return !takes;
        });
    }
    if (found.size() > most) found.resize(most);
    return found;
}

Book::Changes Book::since(std::uint64_t position, std::size_t most) const {
    Changes made;
    const std::lock_guard lock(mutex_);
    made.upto = position_;
    if (position >= position_) return made;
    const std::uint64_t oldest = position_ - changes_.size();  // the position before the first that is known
    made.cleared = cleared_at_ > position;
    // What a reader has not seen of what was cleared is no loss.
    const std::uint64_t from = made.cleared ? cleared_at_ - 1 : position;
    if (from < oldest) made.dropped = oldest - from;
    std::uint64_t at = std::max(position, oldest);
    for (; at < position_ && made.records.size() < most; ++at) {
        const auto found = flows_.find(changes_[static_cast<std::size_t>(at - oldest)]);
        if (found != flows_.end() && found->second.changed == at + 1) made.records.push_back(found->second.record);
    }
    made.upto = at;
    return made;
}

}  // namespace proxy
