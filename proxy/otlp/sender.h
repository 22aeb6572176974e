// Sends what waits in an outbox to the collector of --otlp, on a thread of its own with an event loop
// of its own: spans and log records side by side, in batches, again after a pause where the collector
// is not there or asks for patience. What it sends is no flow.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "proxy/io/loop.h"
#include "proxy/io/signal.h"
#include "proxy/otlp/collector_connection.h"
#include "proxy/otlp/outbox.h"
#include "proxy/upstream/context.h"

namespace proxy {

// Attributes of what this process sends: service.name and its like.
inspect::otlp::Attributes otlp_resource();

// What is said at the end of what was dropped; "" when nothing was.
std::string otlp_summary(const Collector& collector, const inspect::OtlpCounts& counts);

class OtlpSender {
public:
    static constexpr double gathering = 1;  // seconds that a first item waits for others
    static constexpr double grace = 5;      // seconds for what waits when the proxy stops

    // All outlive this. Begins to send.
    OtlpSender(UpstreamServices& services, const Collector& collector, OtlpOutbox& outbox);
    OtlpSender(const OtlpSender&) = delete;
    OtlpSender& operator=(const OtlpSender&) = delete;
    ~OtlpSender() {
        close([] { return true; });
    }

    // Sends what waits, for as long as the grace lasts; the rest is dropped. Each request has one
    // more try, but for those that the collector itself puts off. `is_urgent` ends that early; it is
    // asked again and again. False when the loop could not be
    // ended, because of a name look-up; then this must not be destroyed.
    bool close(const std::function<bool()>& is_urgent);

private:
    enum class Stage : std::uint8_t { serving, last, over };

    void run();
    void set(Stage stage);
    bool wait_for_end(double seconds);
    // The story of one signal.
    io::Task<> deliver(OtlpSignal signal);
    io::Task<bool> gather(OtlpSignal signal);
    io::Task<bool> send(OtlpSignal signal, CollectorConnection& connection, const std::vector<std::string>& items);
    io::Task<bool> may_try_again(OtlpSignal signal, const Posted& posted, double seconds);
    io::Task<> pause(double seconds);

    void tell_failed(OtlpSignal signal, const std::string& why);
    void tell_well(OtlpSignal signal);
    void tell_refused(OtlpSignal signal, const Posted& posted, std::uint64_t items);
    void tell_full();

    UpstreamServices& services_;
    const Collector& collector_;
    OtlpOutbox& outbox_;
    const inspect::otlp::Attributes resource_ = otlp_resource();
    io::Loop loop_;

    // The thread's own.
    UpstreamContext context_{.loop = loop_, .services = services_};
    Stage stage_ = Stage::serving;
    double until_ = 0;  // when the grace is over, in the time of clock_ms()
    io::Signal changed_;
    std::array<bool, 2> failing_{};
    std::array<std::uint64_t, 2> full_{};  // dropped, when it was told last

    std::mutex mutex_;
    std::condition_variable ended_;
    bool has_ended_ = false;
    std::thread thread_;
};

}  // namespace proxy
