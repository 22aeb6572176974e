// What passes, counted for Prometheus: requests, handshakes, bytes, durations, the days that
// certificates have left. There may be one for each event loop, added up when someone asks. Bounded,
// whatever hosts clients make up. Knows no clock and no socket.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "certs/time.h"
#include "inspect/flow/record.h"

namespace inspect {

// Hosts that have series of their own; later ones are "other" together.
constexpr std::size_t most_metric_hosts = 100;

// What became of the spans, or the log records, of --otlp.
struct OtlpCount {
    std::uint64_t sent = 0;
    std::uint64_t full = 0, refused = 0, stopped = 0;  // dropped: why
    std::uint64_t waiting = 0;                         // now
    std::uint64_t dropped() const { return full + refused + stopped; }
};
using OtlpCounts = std::array<OtlpCount, 2>;  // spans, logs

class Metrics {
public:
    // Counts a flow; once for each, when it is complete. A handshake that several flows share is
    // counted with the first of them.
    void count(const Record& record);
    // Adds what the other has counted. The same connection must not be in both.
    void add(const Metrics& other);

    // What others know.
    struct Given {
        std::string_view version;             // of whytls
        std::uint64_t open_connections = 0;   // of clients, now
        std::uint64_t dropped_events = 0;     // changes that a reader of the live page lost, so far
        std::optional<OtlpCounts> otlp = {};  // with --otlp
    };
    // Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/),
    // for Content-Type "text/plain; version=0.0.4; charset=utf-8".
    std::string text(const Given& given) const;

private:
    // The upper bounds of buckets, in seconds: from the loopback to what is given up on.
    static constexpr std::array bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                          0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
    struct Histogram {
        std::array<std::uint64_t, bounds.size() + 1>
            counts{};    // each value in one of them; the last is above all bounds
        double sum = 0;  // seconds
        void observe(double milliseconds);
        void add(const Histogram& other);
    };
    enum class Result : std::uint8_t { ok, warning, failed };
    static constexpr std::array results = {Result::ok, Result::warning, Result::failed};
    using ByResult = std::array<std::uint64_t, results.size()>;
    static auto& at(auto& counts, Result result) { return counts.at(static_cast<std::size_t>(result)); }
    enum class Leg : std::uint8_t { client, server };
    struct Expiry {
        certs::Time seen, not_after;
    };
    struct Host {
        ByResult requests{}, handshakes{};
        std::optional<Expiry> expiry;  // of the certificate that it sent last
    };
    // The last so many names, so that what they name is counted once.
    class Recent {
    public:
        bool is_new(std::string_view name);

    private:
        std::set<std::string, std::less<>> names_;
        std::deque<std::string> order_;
    };

    static std::string_view name(Result result);
    void count_request(const Record& record, Host* host);
    void count_server(const ServerLeg& server, Host* host);
    void count_client(const Record& record);
    Host* host_of(const Record& record);  // nullptr: it went to none
    Host& host_named(std::string_view authority);
    void append_counters(std::string& text) const;
    void append_hosts(std::string& text, std::string_view metric, std::string_view result_label,
                      ByResult Host::* counts) const;
    static void append(std::string& text, const OtlpCounts& counts);
    static void append(std::string& text, std::string_view name, std::string_view labels, const Histogram& histogram);

    mutable std::mutex mutex_;
    std::map<std::tuple<std::string_view, int, diagnosis::Code>, std::uint64_t>
        requests_;  // method, status / 100, code
    std::map<std::tuple<Leg, Result, diagnosis::Code>, std::uint64_t> handshakes_;
    std::map<std::string, Host, std::less<>> hosts_;  // by authority; "other" among them
    std::string name_;                                // what is looked for: one buffer for all flows
    std::uint64_t request_bytes_ = 0, response_bytes_ = 0;
    Histogram total_, first_byte_;
    std::array<Histogram, 2> handshake_times_;  // by Leg
    Recent servers_, clients_;
};

}  // namespace inspect
