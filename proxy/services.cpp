#include "proxy/services.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "inspect/report/log.h"
#include "inspect/report/render.h"

namespace proxy {

namespace {

// The system lets nobody bind another machine's address.
bool is_of_this_machine(const io::Address& address) {
    const auto any_port = io::Address::parse(address.ip(), 0);
    const int fd = ::socket(address.raw().sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const socklen_t size = address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const bool own = any_port && fd >= 0 && ::bind(fd, &any_port->raw(), size) == 0;
    if (fd >= 0) ::close(fd);
    return own;
}

}  // namespace

certs::Time now() { return {std::time(nullptr)}; }

bool is_of_handshake(const inspect::diagnosis::Diagnosis& diagnosis) {
    using inspect::diagnosis::Phase;
    return diagnosis.phase == Phase::handshake || diagnosis.phase == Phase::verify;
}

bool Services::is_own_listener(const io::Address& address) const {
    const io::Address there = address.as_connected();
    return std::ranges::any_of(listeners, [&](const io::Address& listener) {
        if (listener.port() != there.port()) return false;
        const std::string ip = listener.as_connected().ip(), bound = listener.ip();
        const bool all = listener.is_unspecified() || bound == "::ffff:0.0.0.0";
        return ip == there.ip() || (listener.is_loopback() && there.is_loopback()) || (all && is_of_this_machine(there));
    });
}

void Services::say(std::string line) const {
    if (standard_error != nullptr)
        standard_error->line(std::move(line));
    else
        proxy::say(std::move(line));
}

void Services::tell(const inspect::diagnosis::Diagnosis& diagnosis) {
    const std::string client = diagnosis.client.substr(0, diagnosis.client.rfind(':'));  // without its port, which is always another
    // Its next step is another for each program of that client.
    tell(fmt::format("{} {}:{} {} {}", client, diagnosis.host, diagnosis.port, diagnosis.code, diagnosis.next_step),
         inspect::report::sentence(diagnosis));
}

bool Services::tell(const std::string& key, const std::string& line, std::int64_t pause) {
    const auto admitted = (pause > Repeats::minute ? remarks : repeats).admit(key, line, now(), pause);
    if (admitted) say(*admitted);
    return admitted.has_value();
}

void Services::report_client(const std::string& id, const std::string& client, const inspect::diagnosis::Diagnosis& diagnosis) {
    counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
    tell(diagnosis);
    if (log.enabled()) log.line(inspect::report::client_handshake_line(id, client, diagnosis));
}

void Services::report_exhaustion() {
    constexpr std::string_view detail = "new clients wait until some connections end; ulimit -n raises their number";
    if (!tell("descriptors", fmt::format("whytls: file descriptors run out: {}", detail))) return;
    log.line(inspect::report::proxy_line(now(), "descriptors exhausted", detail));
}

void Services::report_crowd(const std::string& ip) {
    const std::string detail = fmt::format("{} has {} connections open, as many as --max-connections-per-client lets it have", ip,
                                           settings.most_connections_per_client);
    if (!tell("connections " + ip, fmt::format("whytls: more are answered with 503: {}", detail))) return;
    log.line(inspect::report::proxy_line(now(), "connections refused", detail));
}

void Services::report_upstream(const std::string& id, const inspect::diagnosis::Diagnosis& diagnosis) {
    if (diagnosis.outcome == inspect::diagnosis::Outcome::failed) {
        if (is_of_handshake(diagnosis)) counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
        tell(diagnosis);
    }
    if (log.enabled()) log.line(inspect::report::upstream_handshake_line(id, diagnosis));
}

}  // namespace proxy
