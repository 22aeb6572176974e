#include "proxy/otlp/outbox.h"

#include <algorithm>
#include <utility>

#include "inspect/otlp/export_request.h"

namespace proxy {

namespace {

constexpr std::size_t own_size = 64;  // bytes, about, that an item takes beside its text

std::size_t weight(const std::string& item) { return item.size() + own_size; }

}  // namespace

void OtlpOutbox::on_ready(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

// Whether someone is to look.
bool OtlpOutbox::add(Queue& queue, std::string item) {
    if (queue.waiting > 0 && (queue.waiting >= limits_.items || queue.bytes + weight(item) > limits_.bytes)) {
        ++queue.fates[static_cast<std::size_t>(Fate::full)];
        return false;
    }
    ++queue.waiting;
    queue.bytes += weight(item);
    queue.items.push_back(std::move(item));
    return queue.items.size() == 1 || queue.items.size() == limits_.of_batch;
}

bool OtlpOutbox::add(const inspect::otlp::Told& told) {
    bool ready = false;
    for (const inspect::otlp::Span& each : told.spans) ready |= add(of(OtlpSignal::spans), encoded(each));
    for (const inspect::otlp::LogRecord& each : told.logs) ready |= add(of(OtlpSignal::logs), encoded(each));
    return ready;
}

void OtlpOutbox::keep(const inspect::Record& record) {
    const std::lock_guard lock(mutex_);
    const bool held_none = !translator_.holds_some();
    bool ready = add(translator_.tell(record));
    ready |= held_none && translator_.holds_some();
    if (ready && wake_) wake_();
}

void OtlpOutbox::settle(bool all) {
    const std::lock_guard lock(mutex_);
    if (add(translator_.settle(all)) && wake_) wake_();
}

bool OtlpOutbox::has_some(OtlpSignal signal) const {
    const std::lock_guard lock(mutex_);
    return !of(signal).items.empty() || (signal == OtlpSignal::spans && translator_.holds_some());
}

bool OtlpOutbox::has_batch(OtlpSignal signal) const {
    const std::lock_guard lock(mutex_);
    return of(signal).items.size() >= limits_.of_batch;
}

std::vector<std::string> OtlpOutbox::take(OtlpSignal signal) {
    const std::lock_guard lock(mutex_);
    std::deque<std::string>& items = of(signal).items;
    std::vector<std::string> batch;
    for (std::size_t bytes = 0; !items.empty() && batch.size() < limits_.of_batch; items.pop_front()) {
        bytes += items.front().size();
        if (!batch.empty() && bytes > limits_.batch_bytes) break;
        batch.push_back(std::move(items.front()));
    }
    return batch;
}

void OtlpOutbox::done(OtlpSignal signal, const std::vector<std::string>& items, Fate fate, std::uint64_t rejected) {
    const std::lock_guard lock(mutex_);
    Queue& queue = of(signal);
    for (const std::string& each : items) queue.bytes -= weight(each);
    queue.waiting -= items.size();
    rejected = std::min<std::uint64_t>(rejected, items.size());
    queue.fates[static_cast<std::size_t>(Fate::refused)] += rejected;
    queue.fates[static_cast<std::size_t>(fate)] += items.size() - rejected;
}

void OtlpOutbox::abandon(OtlpSignal signal) {
    for (std::vector<std::string> batch = take(signal); !batch.empty(); batch = take(signal))
        done(signal, batch, Fate::stopped);
}

OtlpOutbox::Counts OtlpOutbox::counts() const {
    const std::lock_guard lock(mutex_);
    Counts counts;
    for (const OtlpSignal signal : both_signals) {
        const auto& [sent, full, refused, stopped] = of(signal).fates;
        counts.at(static_cast<std::size_t>(signal)) = {sent, full, refused, stopped, of(signal).waiting};
    }
    return counts;
}

}  // namespace proxy
