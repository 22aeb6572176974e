// A record in one piece of memory. Most flows are kept for a while and never looked at: it costs
// little to keep one like this, and to drop it, and a record is made of it when someone looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "inspect/flow/record.h"

namespace inspect {

// Copies share the memory, which does not change. Good within the process that made it.
class PackedRecord {
public:
    PackedRecord() = default;  // to be assigned to
    // Takes the contents' bytes out of it when there are many, and copies the rest.
    explicit PackedRecord(Record& record);
    explicit PackedRecord(Record&& record) : PackedRecord(record) {}

    std::uint64_t number() const { return number_; }
    // Octets that it takes, without what flows share and a diagnosis of its own.
    std::size_t size() const;

    Record record() const { return unpacked(true); }
    // The same without the contents' bytes and the messages, which a row does not show.
    Record without_contents() const { return unpacked(false); }
    // Drops them, so that it takes less; they are not whole any more.
    void drop_contents();

private:
    struct Contents {
        std::string request, response;
    };

    Record unpacked(bool with_contents) const;

    std::uint64_t number_ = 0;
    std::size_t size_ = 0;
    std::shared_ptr<const char[]> packed_;
    std::shared_ptr<const Contents> large_;  // nullptr: they are packed too
    std::shared_ptr<const ClientLeg> client_;
    std::shared_ptr<const ServerLeg> server_;
    std::shared_ptr<const diagnosis::Diagnosis> own_;
};

}  // namespace inspect
