// Which clients have trusted the local CA, and for which hosts: a client that refuses only one host
// pins that host's certificate. Bounded; shared between threads.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "tls/client_hello.h"

namespace proxy {

// A client program, as far as it can be distinguished from others: its address without the port,
// and what its ClientHello offers.
std::string client_key(std::string_view address, const tls::ClientHello& hello);

class ClientMemory {
public:
    // The client sent a request over a connection that our certificate opened.
    void trusted(const std::string& client, const std::string& host);
    // The client finished a handshake for the host and left without a request. Returns how often it
    // has done so since it was last seen to send one; 0 when it sends them to that host.
    std::size_t left_unused(const std::string& client, const std::string& host);
    // Whether it trusted us for other hosts, and never for this one: a client that accepted our
    // certificate once does not pin.
    bool trusts_elsewhere(const std::string& client, const std::string& host) const;

private:
    // Clients. When it is full, all are forgotten; they are soon known again.
    static constexpr std::size_t most = 1024;
    static constexpr std::size_t most_hosts = 64;  // of one client, the latest: with the above some 700 KiB

    mutable std::mutex mutex_;
    // The hashes of their hosts' names, the oldest first.
    std::unordered_map<std::string, std::vector<std::size_t>> clients_;
    // How often, by client and host. Has the same limit, and is forgotten together with the above.
    std::unordered_map<std::string, std::size_t> left_;
};

}  // namespace proxy
