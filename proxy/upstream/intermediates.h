// The intermediate certificates seen on paths that verified, so that another server's omission can be explained: which certificate
// it should have sent. Never used to accept. Shared between threads; kept in a file, which a thread of its own writes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "certs/verdict.h"
#include "proxy/log/log_writer.h"

namespace proxy {

// Where they are kept: beside the CA's directory, which holds nothing but the CA.
std::filesystem::path intermediates_file(const std::filesystem::path& ca_directory);

class Intermediates {
public:
    // Reads `file` when there is one. One that cannot be used is told by `tell` and left alone, and where its directory does not exist none
    // is made: what is seen is then remembered in memory only. An empty path remembers nothing (--aia off).
    explicit Intermediates(std::filesystem::path file, Tell tell = say);
    Intermediates(const Intermediates&) = delete;
    Intermediates& operator=(const Intermediates&) = delete;
    ~Intermediates() { finish(); }

    // Of an accepted path, what stands between the leaf and the anchor. The oldest go when there are too many.
    void remember(const certs::Path& path);

    // Those that could have issued `certificate`, by name, and what could have issued these, and so on; at most 16.
    std::vector<certs::Certificate> above(const certs::Certificate& certificate) const;

    // How many are known; one that comes where there are too many already does not raise it.
    std::size_t count() const;

    // Writes what is new and ends the thread; what comes later is not written.
    void finish();

private:
    void read();
    void add(const certs::Certificate& certificate);
    std::string text() const;
    void write_changes();
    void write();

    std::filesystem::path file_;
    Tell tell_;
    bool remembers_, writes_ = false;
    mutable std::shared_mutex mutex_;  // of the next three
    std::deque<certs::Certificate> oldest_first_;
    std::set<certs::Fingerprint> known_;
    std::size_t bytes_ = 0;

    std::mutex writing_;  // of the next two
    bool changed_ = false, stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace proxy
