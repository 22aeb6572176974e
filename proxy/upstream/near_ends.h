// The connections that this process has open to servers, by both their ends. One that comes in with
// the same ends is its own, redirected back. Shared by all loops; guards itself. Bounded by the
// connections that are open.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "proxy/io/address.h"

namespace proxy {

class NearEnds {
public:
    // A connection, from its construction to its destruction; `ends` outlives it.
    class Entry {
    public:
        Entry(NearEnds& ends, const io::Address& near, const io::Address& far);
        // Whether this connection was met again as a client's.
        bool came_back() const { return *came_back_; }

    private:
        struct Leave {
            std::string key;
            const std::atomic<bool>* own;  // another connection may have the same ends by now
            void operator()(NearEnds* ends) const;
        };
        std::shared_ptr<std::atomic<bool>> came_back_;
        std::unique_ptr<NearEnds, Leave> listed_;
    };

    // Whether a client at `peer` that meant to connect to `meant` is this process itself; the
    // connection's Entry learns of it.
    bool met(const io::Address& peer, const io::Address& meant);

private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>> open_;
};

}  // namespace proxy
