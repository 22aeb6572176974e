#include "proxy/flows/book.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace proxy {

namespace {

std::size_t contents_of(const inspect::Record& record) {
    std::size_t size = record.request_content.bytes.size() + record.response_content.bytes.size();
    for (const inspect::KeptMessage& each : record.messages) size += each.payload.size();
    return size;
}

RecordPointer without_contents(const inspect::Record& record) {
    auto made = std::make_shared<inspect::Record>(record);
    for (inspect::KeptContent* each : {&made->request_content, &made->response_content}) {
        each->whole = each->whole && each->bytes.empty();
        each->bytes = {};
    }
    made->messages_left_out += made->messages.size();
    made->messages.clear();
    return made;
}

}  // namespace

std::uint64_t Book::new_number() {
    const std::lock_guard lock(mutex_);
    return next_++;
}

void Book::put(inspect::Record&& record) {
    if (!open_) return;
    const auto made = std::make_shared<const inspect::Record>(std::move(record));
    RecordPointer before;  // its memory is given back without the lock
    {
        const std::lock_guard lock(mutex_);
        const auto [found, is_new] = flows_.try_emplace(made->number);
        if (is_new)
            order_.push_back(made->number);
        else
            contents_ -= contents_of(*found->second.record);
        before = std::exchange(found->second.record, made);
        found->second.changed = ++position_;
        contents_ += contents_of(*made);
        changes_.push_back(made->number);
        if (changes_.size() > limits_.changes) changes_.pop_front();
        if (order_.size() > limits_.flows) {
            const auto oldest = flows_.find(order_.front());
            contents_ -= contents_of(*oldest->second.record);
            before = std::move(oldest->second.record);
            flows_.erase(oldest);
            order_.pop_front();
            with_contents_ -= std::min<std::size_t>(with_contents_, 1);
        }
        drop_contents();
    }
    if (made->complete && keep_) keep_(made);
}

// A flow that goes on has its content in its next record again, and loses it once more.
void Book::drop_contents() {
    while (contents_ > limits_.contents && with_contents_ < order_.size()) {
        Kept& kept = flows_.at(order_[with_contents_++]);
        const std::size_t size = contents_of(*kept.record);
        if (size == 0) continue;
        kept.record = without_contents(*kept.record);
        contents_ -= size;
    }
    if (with_contents_ == order_.size() && contents_ > limits_.contents) with_contents_ = 0;
}

void Book::clear() {
    std::unordered_map<std::uint64_t, Kept> flows;
    const std::lock_guard lock(mutex_);
    flows.swap(flows_);
    order_.clear();
    changes_.clear();
    contents_ = with_contents_ = 0;
    cleared_at_ = ++position_;
    cleared_below_ = next_;
    changes_.push_back(0);
}

RecordPointer Book::find(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = flows_.find(number);
    return found == flows_.end() ? nullptr : found->second.record;
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

std::vector<RecordPointer> Book::newest(std::uint64_t before, std::size_t most,
                                        const std::function<bool(const inspect::Record&)>& wanted) const {
    std::vector<RecordPointer> found;
    {
        const std::lock_guard lock(mutex_);
        found.reserve(wanted ? flows_.size() : std::min(most, flows_.size()));
        for (const auto& [number, kept] : flows_)
            if (number < before) found.push_back(kept.record);
    }
    std::ranges::sort(found, std::ranges::greater(), [](const RecordPointer& each) { return each->number; });
    if (wanted) std::erase_if(found, [&](const RecordPointer& each) { return !wanted(*each); });
    if (found.size() > most) found.resize(most);
    return found;
}

Book::Changes Book::since(std::uint64_t position, std::size_t most) const {
    Changes made;
    const std::lock_guard lock(mutex_);
    made.upto = position_;
    if (position >= position_) return made;
    const std::uint64_t oldest = position_ - changes_.size();  // the position before the first that is known
    if (position < oldest) made.dropped = oldest - position;
    made.cleared = cleared_at_ > position;
    std::uint64_t at = std::max(position, oldest);
    for (; at < position_ && made.records.size() < most; ++at) {
        const auto found = flows_.find(changes_[static_cast<std::size_t>(at - oldest)]);
        if (found != flows_.end() && found->second.changed == at + 1) made.records.push_back(found->second.record);
    }
    made.upto = at;
    return made;
}

}  // namespace proxy
