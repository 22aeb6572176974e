#include "proxy/otlp/sender.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <utility>

#include "inspect/content/gzip.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "proxy/io/clock.h"
#include "proxy/otlp/backoff.h"

namespace proxy {

namespace {

using inspect::diagnosis::counted;
using Fate = OtlpOutbox::Fate;

constexpr double no_end = 86'400;  // seconds; whoever waits is woken before

std::string_view path_of(OtlpSignal signal) { return signal == OtlpSignal::spans ? "v1/traces" : "v1/logs"; }
std::string_view noun(OtlpSignal signal) { return signal == OtlpSignal::spans ? "span" : "log record"; }

std::array<std::uint8_t, 16> random_bytes() {
    std::array<std::uint8_t, 16> bytes{};
    CHECK_STATE(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return bytes;
}

// RFC 9562 §5.4.
std::string random_uuid() {
    auto bytes = random_bytes();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    std::string text = certs::hex(bytes);
    for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
    return text;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

inspect::otlp::Attributes otlp_resource() {
    inspect::otlp::Attributes list = {{"service.name", "whytls"},
                                      {"service.version", WHYTLS_VERSION},
                                      {"service.instance.id", random_uuid()},
                                      {"process.pid", std::int64_t{::getpid()}}};
    if (std::string host = host_name(); !host.empty()) list.push_back({"host.name", std::move(host)});
    return list;
}

std::string otlp_summary(const Collector& collector, const inspect::OtlpCounts& counts) {
    std::string dropped, sent;
    const auto add = [](std::string& list, std::uint64_t number, std::string_view what, std::string_view why) {
        if (number > 0) list += fmt::format("{}{}{}", list.empty() ? "" : ", ", counted(number, what), why);
    };
    for (const OtlpSignal signal : both_signals) {
        const auto& [was_sent, full, refused, stopped, waiting] = counts.at(static_cast<std::size_t>(signal));
        add(sent, was_sent, noun(signal), "");
        add(dropped, full, noun(signal), " for which there was no room");
        add(dropped, refused, noun(signal), " that it refused");
        add(dropped, stopped + waiting, noun(signal), " that it had not taken by the end");
    }
    if (dropped.empty()) return "";
    return fmt::format("whytls: --otlp {}: dropped {}; sent {}", collector.shown, dropped,
                       sent.empty() ? "nothing" : sent);
}

OtlpSender::OtlpSender(UpstreamServices& services, const Collector& collector, OtlpOutbox& outbox)
    : services_(services), collector_(collector), outbox_(outbox) {
    outbox_.on_ready([this] { loop_.post([this] { changed_.notify(); }); });
    thread_ = std::thread([this] { run(); });
}

void OtlpSender::run() {
    for (const OtlpSignal signal : both_signals)
        io::spawn(deliver(signal), [this](const std::exception& bug) {
            services_.notices.say(fmt::format("whytls: bug: {}", bug.what()));
        });
    loop_.run();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_one();
}

void OtlpSender::set(Stage stage) {
    loop_.post([this, stage] {
        stage_ = stage;
        until_ = io::clock_ms() + grace * 1000;
        if (stage == Stage::over) loop_.close_all();
        context_.stopping = true;
        changed_.notify();
    });
}

bool OtlpSender::wait_for_end(double seconds) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return has_ended_; });
}

bool OtlpSender::close(const std::function<bool()>& is_urgent) {
    constexpr double look = 0.05;
    if (!thread_.joinable()) return true;
    set(Stage::last);
    bool ended = false;
    for (double left = grace; !ended && left > 0 && !is_urgent(); left -= look) ended = wait_for_end(look);
    if (!ended) set(Stage::over);
    ended = ended || wait_for_end(1);
    outbox_.on_ready({});
    ended ? thread_.join() : thread_.detach();
    return ended;
}

io::Task<> OtlpSender::pause(double seconds) {
    io::Timer timer(loop_);
    timer.start(seconds, [this] { changed_.notify(); });
    co_await changed_.wait();
}

io::Task<> OtlpSender::deliver(OtlpSignal signal) {
    CollectorConnection connection(context_, collector_, path_of(signal));
    for (bool more = true; more && co_await gather(signal);) {
        if (signal == OtlpSignal::spans) outbox_.settle(stage_ != Stage::serving);
        const std::vector<std::string> items = outbox_.take(signal);
        if (!items.empty()) more = co_await send(signal, connection, items);
        tell_full();
    }
    co_await connection.end();
}

// Waits until there is something to send, and for a while for more. False when no more comes.
io::Task<bool> OtlpSender::gather(OtlpSignal signal) {
    std::optional<double> since;
    while (stage_ == Stage::serving && !outbox_.has_batch(signal)) {
        const double now = io::clock_ms();
        if (!outbox_.has_some(signal)) {
            co_await pause(no_end);
            continue;
        }
        if (!since) since = now;
        const double left = gathering - (now - *since) / 1000;
        if (left <= 0) break;
        co_await pause(left);
    }
    co_return stage_ != Stage::over&& outbox_.has_some(signal);
}

// False when nothing more of this signal is to be sent.
io::Task<bool> OtlpSender::send(OtlpSignal signal, CollectorConnection& connection,
                                const std::vector<std::string>& items) {
    const std::string body = inspect::content::gzip(inspect::otlp::export_request(resource_, WHYTLS_VERSION, items));
    Backoff backoff(std::bit_cast<std::array<std::uint64_t, 2>>(random_bytes()).front());
    for (;;) {
        const Posted posted = co_await connection.post(body);
        if (posted.kind == Posted::Kind::taken) {
            outbox_.done(signal, items, Fate::sent, posted.said.rejected);
            tell_well(signal);
            if (posted.said.rejected > 0)
                tell_refused(signal, posted, std::min<std::uint64_t>(posted.said.rejected, items.size()));
            co_return true;
        }
        if (posted.kind == Posted::Kind::refused) {
            outbox_.done(signal, items, Fate::refused);
            tell_well(signal);
            tell_refused(signal, posted, items.size());
            co_return true;
        }
        tell_failed(signal, posted.why);
        if (co_await may_try_again(signal, posted, backoff.next(posted.retry_after))) continue;
        outbox_.done(signal, items, Fate::stopped);
        co_return false;
    }
}

// Waits for that; a stop ends the wait, unless the collector asked for it.
io::Task<bool> OtlpSender::may_try_again(OtlpSignal signal, const Posted& posted, double seconds) {
    const bool asked = posted.retry_after.has_value(), was_last = stage_ != Stage::serving;
    const double until = io::clock_ms() + seconds * 1000;
    for (double now = io::clock_ms(); now < until; now = io::clock_ms()) {
        if (stage_ == Stage::over) co_return false;
        if (stage_ == Stage::last && (asked ? until > until_ : was_last)) co_return false;
        if (stage_ == Stage::last && !asked) break;
        co_await pause((until - now) / 1000);
        tell_full();
        if (signal == OtlpSignal::spans) outbox_.settle(false);
    }
    co_return stage_ != Stage::over;
}

void OtlpSender::tell_failed(OtlpSignal signal, const std::string& why) {
    const bool was = failing_[0] || failing_[1];
    failing_.at(static_cast<std::size_t>(signal)) = true;
    if (was || stage_ == Stage::over) return;
    services_.notices.say(fmt::format(
        "whytls: --otlp {}: nothing can be sent: {}; the proxy goes on, up to {} MiB of spans and as much of log records wait, "
        "and sending is tried again",
        collector_.shown, why, outbox_.limits().bytes >> 20));
}

void OtlpSender::tell_well(OtlpSignal signal) {
    const bool was = failing_[0] || failing_[1];
    failing_.at(static_cast<std::size_t>(signal)) = false;
    if (was && !failing_[0] && !failing_[1])
        services_.notices.say(fmt::format("whytls: --otlp {}: sending goes on", collector_.shown));
}

void OtlpSender::tell_refused(OtlpSignal signal, const Posted& posted, std::uint64_t items) {
    const std::string why =
        posted.kind == Posted::Kind::refused ? posted.why : inspect::report::for_terminal(posted.said.message, 300);
    services_.notices.tell(
        fmt::format("otlp {} {}", noun(signal), posted.status),
        fmt::format("whytls: --otlp {}: {} refused and dropped{}{}; the same is not said again today", collector_.shown,
                    counted(items, noun(signal)), why.empty() ? "" : ": ", why),
        Repeats::day);
}

void OtlpSender::tell_full() {
    for (const OtlpSignal signal : both_signals) {
        const auto at = static_cast<std::size_t>(signal);
        const std::uint64_t full = outbox_.counts().at(at).full;
        if (std::exchange(full_.at(at), full) == full) continue;
        services_.notices.tell(fmt::format("otlp full {}", noun(signal)),
                               fmt::format("whytls: --otlp {}: {} dropped so far: as many wait as may",
                                           collector_.shown, counted(full, noun(signal))));
    }
}

}  // namespace proxy
