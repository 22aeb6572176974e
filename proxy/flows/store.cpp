#include "proxy/flows/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "inspect/report/flow_document.h"
#include "proxy/io/clock.h"
#include "proxy/io/task.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

using Clock = std::chrono::steady_clock;
using Written = std::expected<void, sqlite::Failure>;

template <class Value>
Value begun(std::expected<Value, sqlite::Failure> result, const std::filesystem::path& directory) {
    if (!result)
        throw StartError(fmt::format("--record {}: flows.sqlite: {}", directory.string(), result.error().text));
    if constexpr (!std::is_void_v<Value>) return *std::move(result);
}

std::string flows(std::uint64_t number) { return fmt::format("{} flow{}", number, number == 1 ? "" : "s"); }

}  // namespace

Store::Store(const std::filesystem::path& directory, inspect::report::Secrets secrets, Tell tell, Limits limits)
    : directory_(directory),
      secrets_(std::move(secrets)),
      tell_(std::move(tell)),
      limits_(limits),
      lock_(directory),
      file_(open_to_record(directory)),
      recording_(directory) {
    if (const auto warning = exposed(directory)) tell_(*warning);
    begin_session();
    thread_ = std::thread([this] { run(); });
}

void Store::begin_session() {
    const auto highest = [&](const char* query) {
        const std::int64_t number = begun(file_.number(query), directory_);
        // JSON's numbers are whole up to here, and no recording comes near to it.
        if (number < 0 || number >= std::int64_t{1} << 53)
            throw UsageError(fmt::format("--record {}: flows.sqlite there is damaged: a number in it is {}",
                                         directory_.string(), number));
        return number;
    };
    highest_ = static_cast<std::uint64_t>(highest("SELECT max(id) FROM flows"));
    written_ = highest("SELECT max(written) FROM flows");
    session_ = highest("SELECT max(id) FROM sessions") + 1;
    auto session =
        begun(file_.prepare("INSERT INTO sessions(id, started, version, pid) VALUES(?, ?, ?, ?)"), directory_);
    const std::string started = certs::rfc3339(io::now());
    session.bind(1, session_).bind_text(2, started).bind_text(3, WHYTLS_VERSION).bind(4, ::getpid());
    begun(session.run(), directory_);
}

void Store::keep(inspect::PackedRecord record) {
    CHECK_STATE(record.number() > highest_);
    const std::size_t bytes = record.size();
    {
        const std::lock_guard lock(mutex_);
        const auto before = queue_.find(record.number());
        const std::size_t freed = before == queue_.end() ? 0 : before->second.size();
        const bool fits =
            waiting_ == 0 || (waiting_bytes_ - freed + bytes <= limits_.bytes && waiting_ < limits_.records);
        if (stopping_ || !fits) {
            ++lost_;
            return;
        }
        waiting_bytes_ += bytes - freed;
        if (before != queue_.end()) {
            before->second = std::move(record);
            return;
        }
        ++waiting_;
        queue_.emplace(record.number(), std::move(record));
        if (queue_.size() > 1 && !is_urgent()) return;
    }
    changed_.notify_one();
}

void Store::close() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
    // The last to leave folds what was written into the file itself, and a reader cannot.
    recording_.close();
    end_session();
    file_.close();
}

// A session without an end was killed, or its disk was full.
void Store::end_session() {
    auto session = file_.prepare("UPDATE sessions SET ended = ? WHERE id = ?");
    const std::string ended = certs::rfc3339(io::now());
    if (!session) return;
    // There is no one left to tell.
    [[maybe_unused]] const Written done = session->bind_text(1, ended).bind(2, session_).run();
}

// Half of what may wait does: it is not waited for more.
bool Store::is_urgent() const { return waiting_bytes_ > limits_.bytes / 2 || waiting_ > limits_.records / 2; }

// Waits for flows, and for a while for more of them. False when no more come.
bool Store::gather(Batch& batch, std::uint64_t& lost) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || stopping_; });
    changed_.wait_for(lock, failing_ ? limits_.pause : limits_.gathering,
                      [&] { return stopping_ || (!failing_ && is_urgent()); });
    batch = std::exchange(queue_, {});
    lost = std::exchange(lost_, 0);
    return !stopping_;
}

// What was handed in again meanwhile is newer.
void Store::wait_again(Batch& batch) {
    const std::lock_guard lock(mutex_);
    queue_.merge(batch);
}

// There is room for others.
void Store::forget(Batch& batch, Batch::iterator end) {
    const std::lock_guard lock(mutex_);
    for (auto each = batch.begin(); each != end; each = batch.erase(each)) {
        --waiting_;
        waiting_bytes_ -= each->second.size();
    }
}

void Store::run() {
    for (bool more = true; more;) {
        Batch batch;
        std::uint64_t lost = 0;
        more = gather(batch, lost);
        Written written;
        while (written && !batch.empty()) written = write_some(batch);
        if (!written && more) wait_again(batch);
        if (!written && !more) lost += batch.size();
        forget(batch, batch.end());
        report(written);
        report_lost(lost, !more);
    }
}

Written Store::put(sqlite::Statement& row, sqlite::Statement& contents, const inspect::Record& record) {
    const auto number = static_cast<std::int64_t>(record.number);
    const std::string shown = inspect::report::row_json(record, secrets_);
    const std::string document = inspect::report::document_json(record, secrets_);
    contents.bind(1, number)
        .bind_text(2, document)
        .bind_blob(3, record.request_content.bytes)
        .bind_blob(4, record.response_content.bytes);
    if (auto done = contents.run(); !done) return done;
    row.bind(1, number).bind(2, session_).bind(3, ++written_).bind(4, record.unix_ms).bind_text(5, shown);
    return row.run();
}

// One transaction, of a time that may be lost by a kill: a large batch takes several.
Written Store::write_some(Batch& batch) {
    constexpr std::chrono::milliseconds longest{100};
    auto row = file_.prepare("INSERT OR REPLACE INTO flows(id, session, written, began, row) VALUES(?, ?, ?, ?, ?)");
    if (!row) return std::unexpected(row.error());
    auto contents =
        file_.prepare("INSERT OR REPLACE INTO contents(id, document, request_body, response_body) VALUES(?, ?, ?, ?)");
    if (!contents) return std::unexpected(contents.error());
    Written done = file_.run("BEGIN IMMEDIATE");
    const auto until = Clock::now() + longest;
    auto each = batch.begin();
    for (; done && each != batch.end() && (each == batch.begin() || Clock::now() < until); ++each) {
        done = put(*row, *contents, each->second.record());
        // It would fail each time, and others with it.
        if (!done && done.error().problem == sqlite::Problem::too_big) ++unreported_, done = {};
    }
    if (done) done = file_.run("COMMIT");
    if (done) {
        forget(batch, each);
        return done;
    }
    // Refused when the failure has done it already.
    [[maybe_unused]] const Written rolled_back = file_.run("ROLLBACK");
    return done;
}

void Store::report(const Written& written) {
    const bool failed = !written;
    if (failed == std::exchange(failing_, failed)) return;
    if (failed)
        tell_(fmt::format(
            "whytls: --record {} cannot be written: {}; the proxy goes on, flows wait for up to {} MiB and are then lost, and "
            "recording goes on when it can be written again",
            directory_.string(), written.error().text, limits_.bytes >> 20));
    else
        tell_(fmt::format("whytls: --record {} can be written again: recording goes on", directory_.string()));
}

void Store::report_lost(std::uint64_t lost, bool ending) {
    unreported_ += lost;
    const auto now = Clock::now();
    if (unreported_ == 0 || (!ending && reported_ && now - *reported_ < limits_.quiet)) return;
    reported_ = now;
    tell_(fmt::format("whytls: --record {}: {} could not be recorded: {}", directory_.string(),
                      flows(std::exchange(unreported_, 0)),
                      failing_ ? "it cannot be written" : "the disk is slower than they come"));
}

}  // namespace proxy
