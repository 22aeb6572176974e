#include "proxy/services/services.h"

#include <sys/random.h>

#include <fmt/format.h>

#include <array>

#include "inspect/report/log.h"
#include "proxy/io/clock.h"

namespace proxy {

std::string new_page_token() {
    std::array<std::uint8_t, 24> bytes{};
    CHECK_STATE(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return certs::hex(bytes);
}

bool is_of_handshake(const inspect::diagnosis::Diagnosis& diagnosis) {
    using inspect::diagnosis::Phase;
    return diagnosis.phase == Phase::handshake || diagnosis.phase == Phase::verify;
}

void Services::report_client(const std::string& id, const std::string& client,
                             const inspect::diagnosis::Diagnosis& diagnosis) {
    counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
    upstream.notices.tell(diagnosis);
    if (log.enabled()) log.line(inspect::report::client_handshake_line(id, client, diagnosis));
}

void Services::report_exhaustion() {
    constexpr std::string_view detail = "new clients wait until some connections end; ulimit -n raises their number";
    if (!upstream.notices.tell("descriptors", fmt::format("whytls: file descriptors run out: {}", detail))) return;
    log.line(inspect::report::proxy_line(io::now(), "descriptors exhausted", detail));
}

void Services::report_crowd(const std::string& ip) {
    const std::string detail =
        fmt::format("{} has {} connections open, as many as --max-connections-per-client lets it have", ip,
                    upstream.settings.most_connections_per_client);
    if (!upstream.notices.tell("connections " + ip, fmt::format("whytls: more are answered with 503: {}", detail)))
        return;
    log.line(inspect::report::proxy_line(io::now(), "connections refused", detail));
}

void Services::report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis) {
    if (diagnosis.outcome == inspect::diagnosis::Outcome::failed) {
        auto& failures = is_of_handshake(diagnosis) ? counters.failed_handshakes : counters.unreached;
        failures.fetch_add(1, std::memory_order_relaxed);
        upstream.notices.tell(diagnosis);
    }
    if (log.enabled()) log.line(inspect::report::upstream_handshake_line(id, diagnosis));
}

}  // namespace proxy
