#include "proxy/log/host_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"

namespace proxy {

using inspect::diagnosis::Code;
using inspect::diagnosis::endpoint;

namespace {

constexpr std::size_t most_hosts = 1000;  // hosts; later ones are counted together
constexpr std::size_t most_rows = 20;     // a screen

void count(std::map<std::string, std::uint64_t, std::less<>>& codes, std::string_view code, std::uint64_t times) {
    const auto found = codes.find(code);
    if (found == codes.end())
        codes.emplace(code, times);
    else
        found->second += times;
}

template <class Codes>
std::uint64_t sum(const Codes& codes) {
    std::uint64_t total = 0;
    for (const auto& [code, times] : codes) total += times;
    return total;
}

std::string counted(std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

// ", 3 failed handshakes: hostname_mismatch x2, expired"; the most frequent first.
template <class Codes>
std::string failures(const Codes& codes, std::string_view what, std::string_view how = "") {
    if (codes.empty()) return "";
    std::vector<std::pair<std::string, std::uint64_t>> sorted(codes.begin(), codes.end());
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string text = fmt::format(", {}{}: ", counted(sum(codes), what), how);
    for (const auto& [code, times] : sorted) {
        if (!text.ends_with(": ")) text += ", ";
        text += times == 1 ? code : fmt::format("{} x{}", code, times);
    }
    return text;
}

template <class Counts>
std::string told(const Counts& counts) {
    const bool only_tunnels = counts.requests == 0 && counts.tunnels > 0;
    std::string text = only_tunnels ? "" : counted(counts.requests, "request");
    if (counts.tunnels > 0) text += (only_tunnels ? "" : ", ") + counted(counts.tunnels, "tunnel");
    return text + failures(counts.connections, "failed connection") + failures(counts.handshakes, "failed handshake") +
           failures(counts.failed_requests, "failed request") + failures(counts.failed_tunnels, "failed tunnel") +
           failures(counts.let_through, "connection", " let through by --insecure");
}

}  // namespace

void HostTally::Counts::add(const Counts& other) {
    requests += other.requests;
    tunnels += other.tunnels;
    for (const auto codes : {&Counts::handshakes, &Counts::connections, &Counts::failed_requests,
                             &Counts::failed_tunnels, &Counts::let_through})
        for (const auto& [code, times] : other.*codes) count(this->*codes, code, times);
}

HostTally::Counts& HostTally::at(std::string authority) {
    if (const auto found = hosts_.find(authority); found != hosts_.end()) return found->second;
    return hosts_.size() < most_hosts ? hosts_[std::move(authority)] : others_;
}

void HostTally::exchange(const inspect::Flow& flow) {
    if (flow.host.empty()) return;
    const std::lock_guard lock(mutex_);
    Counts& counts = at(endpoint(flow.host, flow.port));
    const bool tunnel = flow.method == "CONNECT";
    ++(tunnel ? counts.tunnels : counts.requests);
    // When the server was not reached, its connection is counted instead.
    if (flow.reached && flow.code != Code::none)
        count(tunnel ? counts.failed_tunnels : counts.failed_requests, name(flow.code), 1);
}

void HostTally::failed_connection(std::string_view host, std::uint16_t port, Code code) {
    const std::lock_guard lock(mutex_);
    count(at(endpoint(host, port)).connections, name(code), 1);
}

void HostTally::let_through(std::string_view host, std::uint16_t port, Code code) {
    const std::lock_guard lock(mutex_);
    count(at(endpoint(host, port)).let_through, name(code), 1);
}

void HostTally::failed_handshake(std::string_view host, std::uint16_t port, Code code) {
    const std::lock_guard lock(mutex_);
    count(at(endpoint(host, port)).handshakes, name(code), 1);
}

void HostTally::add(const HostTally& other) {
    const std::scoped_lock lock(mutex_, other.mutex_);
    for (const auto& [authority, counts] : other.hosts_) at(authority).add(counts);
    others_.add(other.others_);
}

std::vector<std::string> HostTally::lines(std::uint64_t least_failures) const {
    struct Row {
        std::uint64_t failed = 0;
        std::string host;
        const Counts* counts = nullptr;
    };
    const std::lock_guard lock(mutex_);
    std::vector<Row> rows;
    for (const auto& [authority, counts] : hosts_) {
        const std::uint64_t failed = sum(counts.handshakes) + sum(counts.connections) + sum(counts.failed_requests) +
                                     sum(counts.failed_tunnels) + sum(counts.let_through);
        if (failed >= least_failures) rows.push_back({failed, inspect::report::for_terminal(authority, 100), &counts});
    }
    std::ranges::sort(rows, [](const Row& a, const Row& b) {
        if (a.failed != b.failed) return a.failed > b.failed;
        if (a.counts->requests != b.counts->requests) return a.counts->requests > b.counts->requests;
        return a.host < b.host;
    });
    const std::size_t shown = std::min(rows.size(), most_rows);
    std::size_t width = 0;
    for (const Row& row : std::span(rows).first(shown)) width = std::max(width, inspect::report::columns(row.host));
    std::vector<std::string> lines;
    for (const Row& row : std::span(rows).first(shown)) {
        lines.push_back(row.host + std::string(width + 2 - inspect::report::columns(row.host), ' ') +
                        told(*row.counts));
    }
    if (rows.size() > shown) {
        Counts rest;
        for (const Row& row : std::span(rows).subspan(shown)) rest.add(*row.counts);
        lines.push_back(fmt::format("and {}: {}", counted(rows.size() - shown, "more host"), told(rest)));
    }
    const bool others_failed =
        !others_.handshakes.empty() || !others_.connections.empty() || !others_.let_through.empty();
    if (others_failed || (least_failures == 0 && (others_.requests > 0 || others_.tunnels > 0))) {
        lines.push_back(fmt::format("and hosts beyond the first {}: {}", most_hosts, told(others_)));
    }
    return lines;
}

}  // namespace proxy
