// Which clients have trusted the local CA, and for which hosts: a client that refuses one host alone pins that host's certificate. Bounded;
// shared between threads.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "tls/client_hello.h"

namespace proxy {

// A client program as far as it can be told from others: its address without the port, and what its ClientHello offers.
std::string client_key(std::string_view address, const tls::ClientHello& hello);

class ClientMemory {
public:
    // It sent a request over a connection that our certificate opened.
    void trusted(const std::string& client, const std::string& host);
    // Whether it did so for a host other than this one.
    bool trusts_elsewhere(const std::string& client, const std::string& host) const;

private:
    static constexpr std::size_t most = 1024;  // some 200 KiB; when it is full all are forgotten, and soon known again

    // Two different hosts suffice to know of another one than any.
    struct Hosts {
        std::string one, other;
    };
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Hosts> clients_;
};

}  // namespace proxy
