// What all event loops share. Everything here is immutable while the proxy runs, or guards itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/authority.h"
#include "certs/trust_store.h"
#include "inspect/diagnosis/diagnosis.h"
#include "proxy/client_limit.h"
#include "proxy/client_memory.h"
#include "proxy/intermediates.h"
#include "proxy/log_writer.h"
#include "proxy/lookup.h"
#include "proxy/settings.h"
#include "tls/context.h"

namespace proxy {

// The wall clock, to the second.
certs::Time now();

// For the page; approximate while connections are running.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, requests = 0, failed_handshakes = 0;
};

// Lets a report about one client, host and cause through once in a while. Bounded.
class ReportLimit {
public:
    // `pause` in seconds.
    bool allows(const std::string& client, const std::string& what, certs::Time at, std::int64_t pause = 10);

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::int64_t> next_;  // when it may be told again
};

struct Services {
    const Settings settings;
    const std::optional<certs::Authority> authority;  // of the proxy, which mints for its clients; a check has none
    const certs::TrustStore trust;
    const tls::ClientContext client_context;
    std::vector<io::Address> listeners;  // as bound; complete before the first connection is served
    LogWriter log;
    Intermediates intermediates;
    Counters counters;
    ReportLimit client_reports;
    Documents documents;
    ClientMemory clients;
    ClientLimit open_connections = {};

    // The time that certificates are judged at: --at, else the clock.
    certs::Time verification_time() const { return settings.at.value_or(now()); }

    // Whether connecting there would reach this very proxy.
    bool is_own_listener(const io::Address& address) const;

    // One line to the log and one sentence to stderr, where a client that tries again and again is told once in a while.
    void report_client(const std::string& id, const std::string& client, const inspect::diagnosis::Diagnosis& diagnosis);
    // Descriptors have run out, or are about to: new clients wait until some are free. Told once in a while.
    void report_exhaustion();
    // A client at this IP address has more connections open than it may. Told once in a while.
    void report_crowd(const std::string& ip);
    void report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis);
};

}  // namespace proxy
