// A recorded session read back, beside a proxy that writes to it or without one. Each call reads the
// disk; threads may call at the same time, and wait for one another.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "inspect/flow/filter.h"
#include "proxy/flows/sqlite.h"

namespace proxy {

class Recording {
public:
    // What went wrong in words: the file is damaged, the disk failed, it was closed.
    template <class Value>
    using Read = std::expected<Value, std::string>;

    struct Row {
        std::uint64_t id = 0;
        std::uint64_t written = 0;  // grows with each row that is written, or written again
        std::string json;           // inspect::report::row_json
    };

    // Throws UsageError, which names the directory.
    explicit Recording(const std::filesystem::path& directory);

    // At most `limit` rows that the filter matches, newest first, of those with ids less than `before`, if given.
    Read<std::vector<std::string>> rows(const inspect::Filter& filter, std::optional<std::uint64_t> before,
                                        std::size_t limit) const;
    // At most `limit` rows that were written later than that one, in the order in which they were
    // last written: that in which flows ended.
    Read<std::vector<Row>> rows_after(std::uint64_t written, std::size_t limit) const;

    // inspect::report::document_json; nullopt: there is no such flow.
    Read<std::optional<std::string>> document(std::uint64_t id) const;
    // As they were kept; nullopt likewise.
    Read<std::optional<std::string>> request_body(std::uint64_t id) const;
    Read<std::optional<std::string>> response_body(std::uint64_t id) const;

    Read<std::uint64_t> count() const;

    // Later calls fail.
    void close();

private:
    Read<std::optional<std::string>> content(const char* query, std::uint64_t id) const;

    mutable std::mutex mutex_;
    mutable std::optional<sqlite::Connection> file_;
};

}  // namespace proxy
