// What became of each host's requests and handshakes while the proxy ran: the summary that it
// prints on exit. There is one for each event loop, and they are added up at the end, so that no
// loop waits for another. Bounded, whatever hosts clients make up.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inspect/flow/flow.h"

namespace proxy {

class HostTally {
public:
    // Counts a request, or a tunnel whose bytes passed unchanged; nothing that whytls answered
    // itself.
    void exchange(const inspect::Flow& flow);
    // Counts a handshake with the client or with the server.
    void failed_handshake(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);
    // Counts a failure on the way to the server, before any handshake began.
    void failed_connection(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);
    // Counts a connection whose server failed verification and which --insecure let through; `code`
    // is the failure.
    void let_through(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);

    void add(const HostTally& other);
    // One line for each host, without line end: "api.example.com:443  12 requests, 2 failed
    // handshakes: hostname_mismatch x2". Hosts with the most failures come first. Safe for a
    // terminal. The last line says what was left out.
    std::vector<std::string> lines() const { return lines(0); }
    // The same of the hosts of which something failed.
    std::vector<std::string> lines_of_failures() const { return lines(1); }

private:
    using Codes = std::map<std::string, std::uint64_t, std::less<>>;  // codes of the catalogue, which bounds them
    struct Counts {
        std::uint64_t requests = 0, tunnels = 0;
        Codes handshakes, connections, failed_requests, failed_tunnels, let_through;
        void add(const Counts& other);
    };
    Counts& at(std::string authority);
    std::vector<std::string> lines(std::uint64_t least_failures) const;

    mutable std::mutex mutex_;  // taken by another thread only at the end
    std::unordered_map<std::string, Counts> hosts_;
    Counts others_;
};

}  // namespace proxy
