// What all event loops share. Everything here is immutable while the proxy runs, or guards itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "certs/authority.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/flow/metrics.h"
#include "proxy/flows/book.h"
#include "proxy/flows/store.h"
#include "proxy/http/preflights.h"
#include "proxy/log/log_writer.h"
#include "proxy/otlp/outbox.h"
#include "proxy/services/client_limit.h"
#include "proxy/services/client_memory.h"
#include "proxy/services/guesses.h"
#include "proxy/services/named_addresses.h"
#include "proxy/upstream/context.h"

namespace proxy {

// Whether a failure is one of a handshake that was begun, its certificates included.
bool is_of_handshake(const inspect::diagnosis::Diagnosis& diagnosis);

// Unguessable; printable.
std::string new_page_token();

// For the page; approximate while connections are running.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, requests = 0, failed_handshakes = 0;
    std::atomic<std::uint64_t> unreached =
        0;  // servers whose connection failed before a handshake, or where there is none
    std::atomic<std::uint64_t> passwords = 0;    // that were right
    std::atomic<std::size_t> near_requests = 0;  // in progress to servers on this machine or private networks; exact
};

// A request that is in progress to such a server, or to another.
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
    InForce<certs::Authority> authority;  // mints for the clients
    LogWriter log;
    UpstreamServices upstream;
    std::unique_ptr<Store> store = {};               // --record
    std::unique_ptr<OtlpOutbox> otlp = {};           // --otlp
    std::unique_ptr<inspect::Metrics> metrics = {};  // of what was in the book
    std::atomic<std::size_t> page_readers = 0;       // pages that get events
    std::atomic<std::uint64_t> dropped_events = 0;   // that readers of the page lost
    Book book = {};
    const std::string page_token = new_page_token();  // that the live page's own requests show
    Counters counters = {};
    ClientMemory clients = {};
    ClientLimit open_connections = {};
    Preflights preflights = {};
    NamedAddresses names = {};  // of `exec --all`
    Guesses guesses = {};       // for the password of --proxy-auth

    // Reports one line to the log and one sentence to stderr; for a client that tries again and
    // again, only once in a while.
    void report_client(const std::string& id, const std::string& client,
                       const inspect::diagnosis::Diagnosis& diagnosis);
    // Descriptors have run out, or are about to: new clients wait until some are free. Reported
    // once in a while.
    void report_exhaustion();
    // A client at this IP address has more connections open than it may. Reported once in a while.
    void report_crowd(const std::string& ip);
    void report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis);
};

}  // namespace proxy
