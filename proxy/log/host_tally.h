// What became of each host's requests and handshakes while the proxy ran: the summary that it prints on exit. One for each event loop, added
// up at the end, so that no loop waits for another; bounded, whatever hosts clients make up.
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
    // A request, or a tunnel whose bytes passed as they were; nothing of what whytls answered itself.
    void exchange(const inspect::Flow& flow);
    // A handshake of either side.
    void failed_handshake(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);
    // The way to the server: no handshake was begun.
    void failed_connection(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);
    // A connection whose server failed verification and which --insecure let pass; `code` says with what.
    void let_through(std::string_view host, std::uint16_t port, inspect::diagnosis::Code code);

    void add(const HostTally& other);
    // A line for each host without its end: "api.example.com:443  12 requests, 2 failed handshakes: hostname_mismatch x2". Those with most failures
    // first; safe for a terminal; the last line says what was left out.
    std::vector<std::string> lines() const;

private:
    using Codes = std::map<std::string, std::uint64_t, std::less<>>;  // of the catalogue, which bounds them
    struct Counts {
        std::uint64_t requests = 0, tunnels = 0;
        Codes handshakes, connections, failed_requests, failed_tunnels, let_through;
        void add(const Counts& other);
    };
    Counts& at(std::string authority);

    mutable std::mutex mutex_;  // taken by another thread at the end alone
    std::unordered_map<std::string, Counts> hosts_;
    Counts others_;
};

}  // namespace proxy
