#include "proxy/flows/book.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace proxy {

namespace {

std::size_t size_of(const inspect::http::Fields& fields) {
    std::size_t size = 0;
    for (const auto& [name, value] : fields) size += name.size() + value.size() + 2 * sizeof(std::string);
    return size;
}

// What a record takes, about. What it shares is counted with the flow that opened the connection.
std::size_t size_of(const inspect::Record& record) {
    constexpr std::size_t leg = 10'000;  // a diagnosis without its certificates
    std::size_t size = sizeof(inspect::Record) + record.flow.url.size() + record.request_content.bytes.capacity() +
                       record.response_content.bytes.capacity() + size_of(record.request_trailers) +
                       size_of(record.response_trailers);
    if (record.request) size += record.request->target.size() + size_of(record.request->fields);
    if (record.response) size += size_of(record.response->fields);
    for (const inspect::KeptMessage& each : record.messages) size += sizeof each + each.payload.size();
    if (record.own) size += leg;
    if (record.server && record.server->opened_ms >= record.began_ms) {
        size += leg;
        for (const inspect::KeptCertificate& each : record.server->certificates) size += 2 * each.pem.size();
    }
    return size;
}

bool has_contents(const inspect::Record& record) {
    return !record.request_content.bytes.empty() || !record.response_content.bytes.empty() || !record.messages.empty();
}

RecordPointer without_contents(const inspect::Record& record) {
    auto made = std::make_shared<inspect::Record>(record);
    for (inspect::KeptContent* each : {&made->request_content, &made->response_content}) {
        each->whole = each->whole && each->bytes.empty();
        std::string().swap(each->bytes);  // an assignment would keep its memory
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
            size_ -= size_of(*found->second.record);
        before = std::exchange(found->second.record, made);
        found->second.changed = ++position_;
        size_ += size_of(*made);
        changes_.push_back(made->number);
        if (changes_.size() > limits_.changes) changes_.pop_front();
        make_room();
    }
    if (made->complete && !made->imported && keep_) keep_(made);
}

// Contents go first, then the flows themselves. A flow that goes on has its content in its next
// record again, and loses it once more.
void Book::make_room() {
    while (size_ > limits_.bytes && without_contents_ < order_.size()) {
        Kept& kept = flows_.at(order_[without_contents_++]);
        if (!has_contents(*kept.record)) continue;
        size_ -= size_of(*kept.record);
        kept.record = proxy::without_contents(*kept.record);
        size_ += size_of(*kept.record);
    }
    while (order_.size() > limits_.flows || (size_ > limits_.bytes && order_.size() > 1)) {
        const auto oldest = flows_.find(order_.front());
        size_ -= size_of(*oldest->second.record);
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
