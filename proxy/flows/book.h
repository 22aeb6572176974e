// The flows of this run, for those who look at them while they happen: the live page, a recording.
// Shared between threads. What is in it does not change: a flow that goes on is replaced by a newer
// record of itself. They are packed: few are looked at. Bounded, and no exchange waits for a reader.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "inspect/flow/packed.h"

namespace proxy {

using RecordPointer = std::shared_ptr<const inspect::Record>;

class Book {
public:
    struct Limits {
        std::size_t flows = 10'000;       // the oldest are dropped
        std::size_t of_one = 1'000'000;   // octets kept of one message's content (--body-limit)
        std::size_t bytes = 256'000'000;  // of all flows together, about: contents of the oldest go first, then they
        std::size_t changes = 20'000;     // that a reader may lag behind
        std::uint64_t first = 1;          // the first flow's number
    };

    // Receives each complete record once, from the thread on which its flow ended; it must not
    // wait. The packed one has the contents; the other may have none.
    using Keep = std::function<void(const inspect::Record&, const inspect::PackedRecord&)>;

    // Closed, nothing is kept and each call below does nothing.
    Book() : open_(false) {}
    explicit Book(const Limits& limits, Keep keep = {})
        : limits_(limits), keep_(std::move(keep)), next_(limits.first) {}

    bool open() const { return open_; }
    const Limits& limits() const { return limits_; }

    // For a flow that begins, and for a server's connection.
    std::uint64_t new_number();
    std::uint64_t new_connection() { return ++connections_; }
    // Puts a record in the place of the earlier one with its number, if there is one.
    void put(inspect::Record&& record);
    // Forgets every flow. Those that are under way come back with their next change.
    void clear();

    // Flows with a lower number were cleared.
    std::uint64_t cleared_below() const;

    // nullptr when it is not, or no longer, in the book.
    RecordPointer find(std::uint64_t number) const;
    // The newest first, of those below `before`; at most `most` for which `wanted` is true, which is
    // asked about records without contents.
    std::vector<inspect::PackedRecord> newest(std::uint64_t before, std::size_t most,
                                              const std::function<bool(const inspect::Record&)>& wanted = {}) const;
    // The lowest number of all that are here; that of the next flow when there are none.
    std::uint64_t oldest() const;
    std::size_t size() const;

    // What has changed since a reader looked last.
    struct Changes {
        std::uint64_t upto = 0;                      // where the next look begins
        std::vector<inspect::PackedRecord> records;  // each once, as it is now; in the order of their changes
        std::uint64_t dropped = 0;                   // changes that came and are no longer known
        bool cleared = false;
    };
    Changes since(std::uint64_t position, std::size_t most) const;
    // The position of a reader who knows all that is here.
    std::uint64_t position() const;

private:
    struct Kept {
        inspect::PackedRecord record;
        std::size_t size = 0;       // about, with what it is the first to share
        std::uint64_t changed = 0;  // position
    };

    void make_room();

    bool open_ = true;
    Limits limits_;
    Keep keep_;
    mutable std::mutex mutex_;
    std::uint64_t next_ = 1;
    std::atomic<std::uint64_t> connections_ = 0;
    std::unordered_map<std::uint64_t, Kept> flows_;
    std::deque<std::uint64_t> order_;    // numbers, as they came in
    std::size_t without_contents_ = 0;   // of order_, of how many the contents are dropped
    std::size_t size_ = 0;               // of all, about
    std::deque<std::uint64_t> changes_;  // numbers; the last is at position_
    std::uint64_t position_ = 0;
    std::uint64_t cleared_at_ = 0, cleared_below_ = 0;
};

}  // namespace proxy
