#include "proxy/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "inspect/report/log.h"
#include "inspect/report/render.h"

namespace proxy {

certs::Time now() { return {std::time(nullptr)}; }

bool ReportLimit::allows(const std::string& client, const std::string& what, certs::Time at) {
    constexpr std::int64_t pause = 10;  // seconds
    constexpr std::size_t most = 4096;
    const std::lock_guard lock(mutex_);
    if (last_.size() >= most) std::erase_if(last_, [&](const auto& entry) { return entry.second.seconds + pause <= at.seconds; });
    if (last_.size() >= most) return false;
    const auto [entry, fresh] = last_.try_emplace(client + ' ' + what, at);
    if (!fresh && entry->second.seconds + pause > at.seconds) return false;
    entry->second = at;
    return true;
}

bool Services::is_own_listener(const io::Address& address) const {
    return std::ranges::any_of(listeners, [&](const io::Address& listener) {
        return listener.port() == address.port() && (listener == address || (listener.is_loopback() && address.reaches_loopback()));
    });
}

void Services::report_client(const std::string& id, const std::string& client, const inspect::diagnosis::Diagnosis& diagnosis) {
    counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
    const std::string address = client.substr(0, client.rfind(':'));
    if (client_reports.allows(address, fmt::format("{} {}", diagnosis.host, diagnosis.code), diagnosis.time))
        say(inspect::report::sentence(diagnosis));
    if (log.enabled()) log.line(inspect::report::client_handshake_line(id, client, diagnosis));
}

void Services::report_exhaustion() {
    if (!client_reports.allows("", "descriptors", now())) return;
    constexpr std::string_view detail = "clients are turned away until some connections end; ulimit -n raises their number";
    say(fmt::format("whytls: file descriptors run out: {}", detail));
    log.line(inspect::report::proxy_line(now(), "descriptors exhausted", detail));
}

void Services::report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis) {
    if (diagnosis.outcome == inspect::diagnosis::Outcome::failed) {
        counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
        say(inspect::report::sentence(diagnosis));
    }
    if (log.enabled()) log.line(inspect::report::upstream_handshake_line(id, diagnosis));
}

}  // namespace proxy
