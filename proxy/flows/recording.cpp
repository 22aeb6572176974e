#include "proxy/flows/recording.h"

#include <algorithm>
#include <limits>

#include "inspect/report/flow_document.h"
#include "proxy/flows/record_file.h"

namespace proxy {

namespace {

// SQLite's numbers have a sign.
std::int64_t signed_of(std::uint64_t number) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

std::unexpected<std::string> unread(sqlite::Failure failure) { return std::unexpected(std::move(failure.text)); }
std::unexpected<std::string> closed() { return std::unexpected(std::string("the recording is closed")); }

}  // namespace

Recording::Recording(const std::filesystem::path& directory) : file_(open_recording(directory)) {}

Recording::Read<std::vector<std::string>> Recording::rows(const inspect::Filter& filter,
                                                          std::optional<std::uint64_t> before,
                                                          std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    if (!file_) return closed();
    auto query = file_->prepare("SELECT row FROM flows WHERE id < ? ORDER BY id DESC");
    if (!query) return unread(query.error());
    query->bind(1, signed_of(before.value_or(std::numeric_limits<std::uint64_t>::max())));
    const bool all = filter == inspect::Filter();
    std::vector<std::string> rows;
    while (rows.size() < limit) {
        const auto more = query->next();
        if (!more) return unread(more.error());
        if (!*more) break;
        std::string row(query->bytes(0));
        if (all || inspect::report::row_matches(row, filter)) rows.push_back(std::move(row));
    }
    return rows;
}

Recording::Read<std::vector<Recording::Row>> Recording::rows_after(std::uint64_t written, std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    if (!file_) return closed();
    auto query = file_->prepare("SELECT id, written, row FROM flows WHERE written > ? ORDER BY written LIMIT ?");
    if (!query) return unread(query.error());
    query->bind(1, signed_of(written)).bind(2, signed_of(limit));
    std::vector<Row> rows;
    for (;;) {
        const auto more = query->next();
        if (!more) return unread(more.error());
        if (!*more) return rows;
        rows.push_back({static_cast<std::uint64_t>(query->number(0)), static_cast<std::uint64_t>(query->number(1)),
                        std::string(query->bytes(2))});
    }
}

Recording::Read<std::optional<std::string>> Recording::content(const char* query_text, std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    if (!file_) return closed();
    auto query = file_->prepare(query_text);
    if (!query) return unread(query.error());
    query->bind(1, signed_of(id));
    const auto found = query->next();
    if (!found) return unread(found.error());
    if (!*found) return std::nullopt;
    return std::string(query->bytes(0));
}

Recording::Read<std::optional<std::string>> Recording::document(std::uint64_t id) const {
    return content("SELECT document FROM contents WHERE id = ?", id);
}

Recording::Read<std::optional<std::string>> Recording::request_body(std::uint64_t id) const {
    return content("SELECT request_body FROM contents WHERE id = ?", id);
}

Recording::Read<std::optional<std::string>> Recording::response_body(std::uint64_t id) const {
    return content("SELECT response_body FROM contents WHERE id = ?", id);
}

Recording::Read<std::uint64_t> Recording::count() const {
    const std::lock_guard lock(mutex_);
    if (!file_) return closed();
    const auto number = file_->number("SELECT count(*) FROM flows");
    if (!number) return unread(number.error());
    return static_cast<std::uint64_t>(*number);
}

void Recording::close() {
    const std::lock_guard lock(mutex_);
    file_.reset();
}

}  // namespace proxy
