#include "proxy/log/host_tally.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

using inspect::diagnosis::Code;
using proxy::HostTally;

namespace {

inspect::Flow exchanged(std::string method, std::string host, std::uint16_t port, Code code) {
    inspect::Flow flow;
    flow.method = std::move(method);
    flow.host = std::move(host);
    flow.port = port;
    flow.reached = true;
    flow.code = code;
    return flow;
}

}  // namespace

TEST_CASE("the summary has one line for each host, those with failures first") {
    HostTally loop, other, all;
    for (int i = 0; i < 11; ++i) loop.exchange(exchanged("GET", "api.example.com", 443, Code::none));
    other.exchange(exchanged("GET", "api.example.com", 443, Code::upstream_closed));
    other.failed_handshake("api.example.com", 443, Code::hostname_mismatch);
    loop.failed_handshake("api.example.com", 443, Code::hostname_mismatch);
    loop.failed_handshake("api.example.com", 443, Code::expired);
    loop.exchange(exchanged("GET", "b.test", 80, Code::none));
    other.failed_handshake("::1", 8443, Code::expired);
    all.add(loop);
    all.add(other);
    CHECK(
        all.lines() ==
        std::vector<std::string>{
            "api.example.com:443  12 requests, 3 failed handshakes: hostname_mismatch x2, expired, 1 failed request: upstream_closed",
            "[::1]:8443           0 requests, 1 failed handshake: expired", "b.test:80            1 request"});
    CHECK(HostTally().lines().empty());
}

TEST_CASE("the summary is bounded and safe for a terminal, whatever hosts clients make up") {
    HostTally tally;
    for (int i = 0; i < 1500; ++i) tally.exchange(exchanged("GET", fmt::format("h{}.test", i), 443, Code::none));
    tally.failed_handshake("late.test", 443, Code::expired);
    const auto lines = tally.lines();
    REQUIRE(lines.size() == 22);
    CHECK(lines[20] == "and 980 more hosts: 980 requests");
    CHECK(lines[21] == "and hosts beyond the first 1000: 500 requests, 1 failed handshake: expired");
    HostTally hostile;
    hostile.exchange(exchanged("GET", "\x1b[2J", 443, Code::none));
    CHECK(hostile.lines().front().find('\x1b') == std::string::npos);
}

TEST_CASE("tunnels, connections that were never made and what --insecure let through are counted as what they are") {
    HostTally tally;
    tally.exchange(exchanged("CONNECT", "a.test", 443, Code::none));
    tally.exchange(exchanged("CONNECT", "a.test", 443, Code::upstream_timeout));
    tally.failed_connection("b.test", 443, Code::connection_refused);
    tally.exchange(exchanged("GET", "c.test", 443, Code::none));
    tally.let_through("c.test", 443, Code::expired);
    tally.let_through("c.test", 443, Code::expired);
    HostTally all;
    all.add(tally);
    CHECK(all.lines() ==
          std::vector<std::string>{"c.test:443  1 request, 2 connections let through by --insecure: expired x2",
                                   "a.test:443  2 tunnels, 1 failed tunnel: upstream_timeout",
                                   "b.test:443  0 requests, 1 failed connection: connection_refused"});
}
