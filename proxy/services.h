// What all event loops share. Everything here is immutable while the proxy runs, or guards itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/authority.h"
#include "certs/trust_store.h"
#include "inspect/diagnosis/diagnosis.h"
#include "proxy/client_limit.h"
#include "proxy/client_memory.h"
#include "proxy/guesses.h"
#include "proxy/intermediates.h"
#include "proxy/log_writer.h"
#include "proxy/lookup.h"
#include "proxy/preflights.h"
#include "proxy/repeats.h"
#include "proxy/settings.h"
#include "proxy/via.h"
#include "tls/context.h"

namespace proxy {

// The wall clock, to the second.
certs::Time now();

// Whether a failure is one of a handshake that was begun, its certificates included.
bool is_of_handshake(const inspect::diagnosis::Diagnosis& diagnosis);

// For the page; approximate while connections are running.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, requests = 0, failed_handshakes = 0;
    std::atomic<std::size_t> near_requests = 0;  // under way to servers on this machine or private networks; exact
};

// A request that is under way to such a server, or to another.
class NearRequest {
public:
    NearRequest(Counters& counters, bool near) : counters_(counters), near_(near) {
        if (near_) number_ = ++counters_.near_requests;
    }
    NearRequest(const NearRequest&) = delete;
    NearRequest& operator=(const NearRequest&) = delete;
    ~NearRequest() {
        if (near_) --counters_.near_requests;
    }
    std::size_t number() const { return number_; }

private:
    Counters& counters_;
    bool near_;
    std::size_t number_ = 0;
};

struct Services {
    const Settings settings;
    const std::optional<certs::Authority> authority;  // of the proxy, which mints for its clients; a check has none
    const certs::TrustStore trust;
    const tls::ClientContext client_context;
    std::vector<io::Address> listeners;   // as bound; complete before the first connection is served
    LogWriter* standard_error = nullptr;  // of a proxy, and outlives this; without it stderr is written to at once
    LogWriter log;
    Intermediates intermediates;
    Counters counters;
    Repeats repeats;
    Repeats remarks = {};  // said once a day: whoever provokes them keeps no failure from being told
    Documents documents;
    ClientMemory clients;
    ClientLimit open_connections = {};
    Preflights preflights = {};
    Guesses guesses = {};                            // of the password of --proxy-auth
    const std::string pseudonym = make_pseudonym();  // how this process knows its own requests again

    // The time that certificates are judged at: --at, else the clock.
    certs::Time verification_time() const { return settings.at.value_or(now()); }

    // Whether connecting there would reach this very proxy.
    bool is_own_listener(const io::Address& address) const;

    // A line on stderr, which a proxy that serves never waits for.
    void say(std::string line) const;
    // The diagnosis in a sentence on stderr, once a minute for each host, cause and client that is at fault.
    void tell(const inspect::diagnosis::Diagnosis& diagnosis);
    // A line on stderr, once within the pause for each key; whether it was said.
    bool tell(const std::string& key, const std::string& line, std::int64_t pause = Repeats::minute);

    // One line to the log and one sentence to stderr, where a client that tries again and again is told once in a while.
    void report_client(const std::string& id, const std::string& client, const inspect::diagnosis::Diagnosis& diagnosis);
    // Descriptors have run out, or are about to: new clients wait until some are free. Told once in a while.
    void report_exhaustion();
    // A client at this IP address has more connections open than it may. Told once in a while.
    void report_crowd(const std::string& ip);
    void report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis);
};

}  // namespace proxy
