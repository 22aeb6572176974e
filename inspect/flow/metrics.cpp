#include "inspect/flow/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "inspect/content/charset.h"

namespace inspect {

using diagnosis::Code;

namespace {

constexpr std::string_view other = "other";
constexpr std::array<std::string_view, 8> methods = {"GET",   "HEAD",    "POST",   "PUT",
                                                     "PATCH", "OPTIONS", "DELETE", "CONNECT"};

std::string_view method_class(std::string_view method) {
    const auto* const found = std::ranges::find(methods, method);
    return found == methods.end() ? other : *found;
}

std::string status_class(int hundreds) {
    return hundreds >= 1 && hundreds <= 5 ? fmt::format("{}xx", hundreds) : "none";
}

// "Labels can be any UTF-8", but for \, " and line feed.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char each : content::as_utf8(text.substr(0, 300))) {
        if (each == '\n') {
            result += "\\n";
            continue;
        }
        if (each == '\\' || each == '"') result += '\\';
        result += each;
    }
    return result;
}

std::string label(std::string_view name, std::string_view value) {
    return fmt::format("{}=\"{}\"", name, escaped(value));
}

void begin(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
    text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void sample(std::string& text, std::string_view name, std::string_view labels, std::uint64_t value) {
    text += labels.empty() ? fmt::format("{} {}\n", name, value) : fmt::format("{}{{{}}} {}\n", name, labels, value);
}

template <class Counts>
void add_counts(Counts& to, const Counts& from) {
    for (const auto& [key, times] : from) to[key] += times;
}

// Without a ClientHello there was no handshake that could fail.
bool is_of_tls(const diagnosis::Diagnosis& found) {
    return found.tls && (found.tls_begun || found.outcome != diagnosis::Outcome::failed);
}

}  // namespace

std::string_view Metrics::name(Result result) {
    switch (result) {
        case Result::ok: return "ok";
        case Result::warning: return "warning";
        case Result::failed: return "failed";
    }
    return "";
}

void Metrics::Histogram::observe(double milliseconds) {
    if (!std::isfinite(milliseconds)) return;
    const double seconds = std::max(0.0, milliseconds) / 1000;
    ++counts.at(static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds) - bounds.begin()));
    sum += seconds;
}

void Metrics::Histogram::add(const Histogram& other) {
    for (std::size_t index = 0; index < counts.size(); ++index) counts.at(index) += other.counts.at(index);
    sum += other.sum;
}

bool Metrics::Recent::is_new(std::string_view name) {
    constexpr std::size_t most = 10'000;  // as many connections as whytls may have
    if (names_.contains(name)) return false;
    names_.emplace(name);
    order_.emplace_back(name);
    if (order_.size() > most) {
        names_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

Metrics::Host& Metrics::host_named(std::string_view authority) {
    const auto found = hosts_.find(authority);
    if (found != hosts_.end()) return found->second;
    return hosts_[std::string(hosts_.size() < most_metric_hosts ? authority : other)];
}

Metrics::Host* Metrics::host_of(const Record& record) {
    const std::string& host = record.flow.host;
    if (host.empty()) return nullptr;
    const bool brackets = host.contains(':');
    name_.assign(brackets ? "[" : "").append(host).append(brackets ? "]:" : ":");
    fmt::format_to(std::back_inserter(name_), "{}", record.flow.port);
    return &host_named(name_);
}

void Metrics::count(const Record& record) {
    const std::lock_guard lock(mutex_);
    Host* const host = host_of(record);
    if (record.kind == Record::Kind::request) count_request(record, host);
    if (record.server && record.kind != Record::Kind::client_handshake) {
        // Without a name it is counted with the flow that began before it.
        const ServerLeg& server = *record.server;
        const bool first =
            server.connection.empty() ? server.opened_ms >= record.began_ms : servers_.is_new(server.connection);
        if (first) count_server(server, host);
    }
    count_client(record);
}

void Metrics::count_request(const Record& record, Host* host) {
    const Flow& flow = record.flow;
    const int hundreds = flow.status >= 100 && flow.status < 600 ? flow.status / 100 : 0;
    ++requests_[{method_class(flow.method), hundreds, flow.code}];
    if (host) {
        const bool warned = lock_of(record) == Lock::warned;
        ++at(host->requests, flow.code != Code::none ? Result::failed : warned ? Result::warning : Result::ok);
    }
    request_bytes_ += flow.request_bytes;
    response_bytes_ += flow.response_bytes;
    total_.observe(flow.total_ms);
    if (flow.first_byte_ms > 0) first_byte_.observe(flow.first_byte_ms);
}

void Metrics::count_server(const ServerLeg& server, Host* host) {
    const diagnosis::Diagnosis& found = server.diagnosis;
    if (!is_of_tls(found)) return;
    const Result result = found.outcome == diagnosis::Outcome::failed && !found.let_through ? Result::failed
                          : found.outcome == diagnosis::Outcome::ok                         ? Result::ok
                                                                                            : Result::warning;
    ++handshakes_[{Leg::server, result, found.code}];
    if (found.timings.handshake) handshake_times_[1].observe(*found.timings.handshake);
    if (!host) return;
    ++at(host->handshakes, result);
    if (found.chain.empty() || found.chain.front().unreadable) return;
    host->expiry = {found.time, found.chain.front().description.not_after};
}

void Metrics::count_client(const Record& record) {
    if (record.kind == Record::Kind::client_handshake) {
        const Code code = record.own ? record.own->code : record.flow.code;
        ++handshakes_[{Leg::client, code == Code::none ? Result::ok : Result::failed, code}];
        return;
    }
    if (record.kind != Record::Kind::request || !record.client) return;
    const std::string_view id = record.flow.id;
    // A connection of HTTP/2 can hold several tunnels.
    name_.assign(id.substr(0, id.find('-'))).append(" ").append(record.client->sni, 0, 300);
    if (!clients_.is_new(name_)) return;
    ++handshakes_[{Leg::client, Result::ok, Code::none}];
    if (record.client->handshake_ms > 0) handshake_times_[0].observe(record.client->handshake_ms);
}

void Metrics::add(const Metrics& other_metrics) {
    const std::scoped_lock lock(mutex_, other_metrics.mutex_);
    add_counts(requests_, other_metrics.requests_);
    add_counts(handshakes_, other_metrics.handshakes_);
    for (const auto& [name, from] : other_metrics.hosts_) {
        Host& to = host_named(name);
        for (const Result result : results) {
            at(to.requests, result) += at(from.requests, result);
            at(to.handshakes, result) += at(from.handshakes, result);
        }
        if (from.expiry && (!to.expiry || to.expiry->seen <= from.expiry->seen)) to.expiry = from.expiry;
    }
    request_bytes_ += other_metrics.request_bytes_;
    response_bytes_ += other_metrics.response_bytes_;
    total_.add(other_metrics.total_);
    first_byte_.add(other_metrics.first_byte_);
    for (std::size_t leg = 0; leg < handshake_times_.size(); ++leg)
        handshake_times_.at(leg).add(other_metrics.handshake_times_.at(leg));
}

void Metrics::append(std::string& text, std::string_view name, std::string_view labels, const Histogram& histogram) {
    std::uint64_t total = 0;
    const std::string before = labels.empty() ? "" : std::string(labels) + ",", bucket = fmt::format("{}_bucket", name);
    for (std::size_t index = 0; index < histogram.counts.size(); ++index) {
        total += histogram.counts.at(index);
        const std::string bound = index < bounds.size() ? fmt::format("{}", bounds.at(index)) : "+Inf";
        sample(text, bucket, before + label("le", bound), total);
    }
    const std::string braces = labels.empty() ? "" : fmt::format("{{{}}}", labels);
    text += fmt::format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, braces, histogram.sum, total);
}

void Metrics::append_hosts(std::string& text, std::string_view metric, std::string_view result_label,
                           ByResult Host::* counts) const {
    for (const auto& [host, counted] : hosts_)
        for (const Result result : results)
            if (const std::uint64_t times = at(counted.*counts, result); times > 0)
                sample(text, metric, fmt::format("{},{}", label("host", host), label(result_label, name(result))),
                       times);
}

void Metrics::append_counters(std::string& text) const {
    begin(
        text, "whytls_requests_total", "counter",
        "Requests by method, class of the status sent (\"none\" without a response) and code of the failure (\"\" without one).");
    for (const auto& [key, times] : requests_) {
        const auto& [method, hundreds, code] = key;
        sample(text, "whytls_requests_total",
               fmt::format("{},{},{}", label("method", method), label("status", status_class(hundreds)),
                           label("code", diagnosis::name(code))),
               times);
    }
    begin(text, "whytls_host_requests_total", "counter",
          "Requests by host; \"other\" are those after the first hosts that were asked.");
    append_hosts(text, "whytls_host_requests_total", "result", &Host::requests);
    begin(text, "whytls_handshakes_total", "counter",
          "TLS handshakes with clients and servers by verdict and code (\"\" when nothing is wrong).");
    for (const auto& [key, times] : handshakes_) {
        const auto& [leg, result, code] = key;
        sample(text, "whytls_handshakes_total",
               fmt::format("{},{},{}", label("leg", leg == Leg::client ? "client" : "server"),
                           label("verdict", name(result)), label("code", diagnosis::name(code))),
               times);
    }
    begin(text, "whytls_host_handshakes_total", "counter", "TLS handshakes with servers by host and verdict.");
    append_hosts(text, "whytls_host_handshakes_total", "verdict", &Host::handshakes);
    begin(text, "whytls_request_content_bytes_total", "counter", "Content of requests, as it passed.");
    sample(text, "whytls_request_content_bytes_total", "", request_bytes_);
    begin(text, "whytls_response_content_bytes_total", "counter", "Content of responses, as it passed.");
    sample(text, "whytls_response_content_bytes_total", "", response_bytes_);
}

void Metrics::append(std::string& text, const OtlpCounts& counts) {
    const auto each = [&](auto add) {
        add(label("signal", "spans"), counts[0]);
        add(label("signal", "logs"), counts[1]);
    };
    begin(text, "whytls_otlp_sent_total", "counter", "Spans and log records that the collector of --otlp has taken.");
    each([&](const std::string& signal, const OtlpCount& count) {
        sample(text, "whytls_otlp_sent_total", signal, count.sent);
    });
    begin(text, "whytls_otlp_dropped_total", "counter",
          "Spans and log records that were dropped: the queue was full, or the collector refused them.");
    each([&](const std::string& signal, const OtlpCount& count) {
        sample(text, "whytls_otlp_dropped_total", signal + "," + label("reason", "full"), count.full);
        sample(text, "whytls_otlp_dropped_total", signal + "," + label("reason", "refused"), count.refused);
    });
    begin(text, "whytls_otlp_queued", "gauge", "Spans and log records that wait for the collector of --otlp.");
    each([&](const std::string& signal, const OtlpCount& count) {
        sample(text, "whytls_otlp_queued", signal, count.waiting);
    });
}

std::string Metrics::text(const Given& given) const {
    const std::lock_guard lock(mutex_);
    std::string text;
    begin(text, "whytls_build_info", "gauge", "The version of whytls; always 1.");
    sample(text, "whytls_build_info", label("version", given.version), 1);
    append_counters(text);
    begin(text, "whytls_request_duration_seconds", "histogram",
          "From a request's first byte to the end of its response.");
    append(text, "whytls_request_duration_seconds", "", total_);
    begin(text, "whytls_request_first_byte_seconds", "histogram",
          "From a request's first byte to the first byte of its response.");
    append(text, "whytls_request_first_byte_seconds", "", first_byte_);
    begin(text, "whytls_handshake_duration_seconds", "histogram", "TLS handshakes with clients and servers.");
    append(text, "whytls_handshake_duration_seconds", label("leg", "client"), handshake_times_[0]);
    append(text, "whytls_handshake_duration_seconds", label("leg", "server"), handshake_times_[1]);
    begin(text, "whytls_certificate_not_after_timestamp_seconds", "gauge",
          "When the certificate that the host sent last expires, since 1970. Days left: (this - time()) / 86400.");
    // Of the hosts without a name of their own, no one could tell which it is.
    for (const auto& [name, host] : hosts_)
        if (host.expiry && name != other)
            text += fmt::format("whytls_certificate_not_after_timestamp_seconds{{{}}} {}\n", label("host", name),
                                host.expiry->not_after.seconds);
    begin(text, "whytls_open_connections", "gauge", "Connections of clients that are open now.");
    sample(text, "whytls_open_connections", "", given.open_connections);
    begin(text, "whytls_dropped_events_total", "counter", "Changes that a reader of the live page was too slow for.");
    sample(text, "whytls_dropped_events_total", "", given.dropped_events);
    if (given.otlp) append(text, *given.otlp);
    return text;
}

}  // namespace inspect
