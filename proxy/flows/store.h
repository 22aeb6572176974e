// The recorded session of --record: flows with their bodies, in DIR/flows.sqlite. A queue leads to
// one writing thread, so that no event loop waits for a disk. Shared between threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "inspect/flow/packed.h"
#include "inspect/report/log.h"
#include "proxy/flows/record_file.h"
#include "proxy/flows/recording.h"
#include "proxy/log/log_writer.h"

namespace proxy {

class Store {
public:
    struct Limits {
        // Of what waits to be written. One record alone may be larger.
        std::size_t bytes = 64 << 20;
        std::size_t records = 65'536;
        // How long records are gathered for one transaction: this and the time that it takes to
        // write are lost when the process is killed.
        std::chrono::milliseconds gathering{300};
        // Between two attempts while the disk is full.
        std::chrono::milliseconds pause{1000};
        // Between two reports of lost flows.
        std::chrono::milliseconds quiet{60'000};
    };

    // Makes the directory and the file, or goes on in them. Throws UsageError and StartError, which name the
    // directory. Reports trouble later on through `tell`, on the writing thread.
    Store(const std::filesystem::path& directory, inspect::report::Secrets secrets, Tell tell, Limits limits);
    Store(const std::filesystem::path& directory, inspect::report::Secrets secrets, Tell tell = say)
        : Store(directory, std::move(secrets), std::move(tell), Limits()) {}
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store() { close(); }

    // The highest number of the flows that were there at the opening; 0 without any. This session's
    // are numbered from the next one on, so that a flow has one number on the page and in the file.
    std::uint64_t highest() const { return highest_; }

    // Queues a flow; one that is handed in again takes the place of what was kept of it. Never
    // waits: when as much waits as is let, it is left out, which is counted and reported. Its
    // number is above highest().
    void keep(inspect::PackedRecord record);

    // What has been written; what was kept last is there within a second.
    const Recording& recording() const { return recording_; }

    // Writes what is queued and closes the file. Flows that come later are left out.
    void close();

private:
    // Sorted, so that rows are written in the order of the file.
    using Batch = std::map<std::uint64_t, inspect::PackedRecord>;

    void begin_session();
    void end_session();
    bool is_urgent() const;
    void run();
    bool gather(Batch& batch, std::uint64_t& lost);
    void wait_again(Batch& batch);
    void forget(Batch& batch, Batch::iterator end);
    std::expected<void, sqlite::Failure> write_some(Batch& batch);
    std::expected<void, sqlite::Failure> put(sqlite::Statement& row, sqlite::Statement& contents,
                                             const inspect::Record& record);
    void report(const std::expected<void, sqlite::Failure>& written);
    void report_lost(std::uint64_t lost, bool ending);

    const std::filesystem::path directory_;
    const inspect::report::Secrets secrets_;
    const Tell tell_;
    const Limits limits_;
    const RecordLock lock_;
    sqlite::Connection file_;  // used only by the thread while it runs
    Recording recording_;
    std::uint64_t highest_ = 0;

    // The thread's own.
    std::int64_t session_ = 0, written_ = 0;
    bool failing_ = false;
    std::uint64_t unreported_ = 0;  // lost flows
    std::optional<std::chrono::steady_clock::time_point> reported_;

    std::mutex mutex_;
    std::condition_variable changed_;
    Batch queue_;
    std::size_t waiting_bytes_ = 0, waiting_ = 0;  // those that are being written too
    std::uint64_t lost_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace proxy
