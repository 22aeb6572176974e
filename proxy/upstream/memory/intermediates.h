// The intermediate certificates seen on paths that verified. They explain another server's
// omission: which certificate it should have sent. Never used to accept. Shared between threads;
// kept in a file, which a separate thread writes.
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

// The file in which they are kept. It lies beside the CA's directory, which contains nothing but
// the CA.
std::filesystem::path intermediates_file(const std::filesystem::path& ca_directory);

class Intermediates {
public:
    // Reads `file` when it exists. A file that cannot be used is reported through `tell` and left
    // unchanged. Where its directory does not exist, no file is made: the certificates are then
    // remembered in memory only. With an empty path nothing is remembered (--aia off).
    explicit Intermediates(std::filesystem::path file, Tell tell = say);
    Intermediates(const Intermediates&) = delete;
    Intermediates& operator=(const Intermediates&) = delete;
    ~Intermediates() { finish(); }

    // Remembers the certificates between the leaf and the anchor of an accepted path. The oldest go
    // when there are too many.
    void remember(const certs::Path& path);

    // The certificates that could have issued `certificate`, by name, those that could have issued
    // these, and so on; at most 16.
    std::vector<certs::Certificate> above(const certs::Certificate& certificate) const;

    // How many are known. A new one does not raise it where there are already too many.
    std::size_t count() const;

    // Writes what is new and ends the thread. Later certificates are not written.
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
    mutable std::shared_mutex mutex_;  // guards the next three
    std::deque<certs::Certificate> oldest_first_;
    std::set<certs::Fingerprint> known_;
    std::size_t bytes_ = 0;

    std::mutex writing_;  // guards the next two
    bool changed_ = false, stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace proxy
