// Spans and log records that wait to be sent to a collector (--otlp), encoded already. Bounded in
// number and bytes: what comes when it is full is dropped and counted, and what waits is kept. Shared
// between threads; no event loop waits for a collector.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "inspect/flow/metrics.h"
#include "inspect/flow/record.h"
#include "inspect/otlp/translator.h"

namespace proxy {

// The kinds of thing that OTLP sends apart.
enum class OtlpSignal : std::uint8_t { spans, logs };
constexpr std::array both_signals = {OtlpSignal::spans, OtlpSignal::logs};

class OtlpOutbox {
public:
    // Of each signal.
    struct Limits {
        std::size_t bytes = 32 << 20;
        std::size_t items = 65'536;
        std::size_t of_batch = 512;           // items of one request
        std::size_t batch_bytes = 1'000'000;  // … and their bytes, but for a first that is larger
    };
    // What became of items.
    enum class Fate : std::uint8_t {
        sent,     // the collector has them
        full,     // dropped: as many waited as may
        refused,  // dropped: the collector does not want them
        stopped,  // dropped: the proxy was stopped before they could be sent
    };

    OtlpOutbox(inspect::otlp::Translator translator, const Limits& limits)
        : limits_(limits), translator_(std::move(translator)) {}

    const Limits& limits() const { return limits_; }
    // `wake` is called, from any thread, when a first item waits and when a batch is full.
    void on_ready(std::function<void()> wake);

    // Queues what there is to tell of a complete flow. Never waits.
    void keep(const inspect::Record& record);
    // Queues the handshakes that wait for a request which has not come: those that were here at the
    // last call, or all.
    void settle(bool all);

    // Whether something waits, handshakes included; and whether it is enough for a batch.
    bool has_some(OtlpSignal signal) const;
    bool has_batch(OtlpSignal signal) const;
    // The oldest, as much as goes into one request; they count as waiting until done().
    std::vector<std::string> take(OtlpSignal signal);
    // What became of `items` that were taken, of which the collector rejected some.
    void done(OtlpSignal signal, const std::vector<std::string>& items, Fate fate, std::uint64_t rejected = 0);
    // Drops all that waits.
    void abandon(OtlpSignal signal);

    using Counts = inspect::OtlpCounts;
    Counts counts() const;

private:
    struct Queue {
        std::deque<std::string> items;
        std::size_t bytes = 0, waiting = 0;  // what is taken is in both
        std::array<std::uint64_t, 4> fates{};
    };

    Queue& of(OtlpSignal signal) { return queues_.at(static_cast<std::size_t>(signal)); }
    const Queue& of(OtlpSignal signal) const { return queues_.at(static_cast<std::size_t>(signal)); }
    bool add(Queue& queue, std::string item);
    bool add(const inspect::otlp::Told& told);

    const Limits limits_;
    mutable std::mutex mutex_;
    inspect::otlp::Translator translator_;
    std::array<Queue, 2> queues_;
    std::function<void()> wake_;
};

}  // namespace proxy
