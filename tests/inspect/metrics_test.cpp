#include "inspect/flow/metrics.h"

#include <cstdlib>
#include <fstream>

#include "tests/inspect/har_records.h"
#include "tests/support/catch.h"

using inspect::Metrics;
using inspect::Record;

namespace {

bool has(const Metrics& metrics, const std::string& line) {
    const std::string text = "\n" + metrics.text({});
    const bool found = text.contains("\n" + line + "\n");
    if (!found) UNSCOPED_INFO(text);
    return found;
}

Record to(const std::string& host) {
    Record record = tests::answered();
    auto server = std::make_shared<inspect::ServerLeg>(*record.server);
    server->connection = host;
    record.server = server;
    record.flow.host = host;
    return record;
}

void count_all(Metrics& metrics) {
    for (const Record& record : tests::all_records()) metrics.count(record);
}

}  // namespace

TEST_CASE("requests are counted by method, class of status and code, and by host") {
    Metrics metrics;
    count_all(metrics);
    CHECK(has(metrics, R"(whytls_requests_total{method="GET",status="2xx",code=""} 1)"));
    CHECK(has(metrics, R"(whytls_requests_total{method="GET",status="5xx",code="hostname_mismatch"} 1)"));
    CHECK(has(metrics, R"(whytls_host_requests_total{host="api.example.com:443",result="ok"} 3)"));
    CHECK(has(metrics, "whytls_request_content_bytes_total 14"));
    Record odd = tests::answered();
    odd.flow.method = "BREW";
    odd.flow.status = 999;
    metrics.count(odd);
    CHECK(has(metrics, R"(whytls_requests_total{method="other",status="none",code=""} 1)"));
}

TEST_CASE("a handshake is counted once, however many flows share its connection") {
    Metrics metrics;
    count_all(metrics);
    count_all(metrics);
    // Those of failed() have no name, and were opened by their flow.
    CHECK(has(metrics, R"(whytls_handshakes_total{leg="server",verdict="ok",code=""} 1)"));
    CHECK(has(metrics, R"(whytls_handshakes_total{leg="server",verdict="failed",code="hostname_mismatch"} 4)"));
    CHECK(has(metrics, R"(whytls_handshakes_total{leg="client",verdict="ok",code=""} 1)"));
    CHECK(has(metrics, R"(whytls_handshakes_total{leg="client",verdict="failed",code="client_untrusted_ca"} 2)"));
    CHECK(has(metrics, R"(whytls_handshake_duration_seconds_count{leg="client"} 1)"));
}

TEST_CASE("durations are in buckets that hold all that is shorter") {
    Metrics metrics;
    for (const double milliseconds : {0.5, 1.0, 1.5, 90'000.0, -1.0}) {
        Record record = tests::answered();
        record.flow.total_ms = milliseconds;
        metrics.count(record);
    }
    CHECK(has(metrics, R"(whytls_request_duration_seconds_bucket{le="0.001"} 3)"));
    CHECK(has(metrics, R"(whytls_request_duration_seconds_bucket{le="0.0025"} 4)"));
    CHECK(has(metrics, R"(whytls_request_duration_seconds_bucket{le="60"} 4)"));
    CHECK(has(metrics, R"(whytls_request_duration_seconds_bucket{le="+Inf"} 5)"));
    CHECK(has(metrics, "whytls_request_duration_seconds_sum 90.003"));
}

TEST_CASE("when a host's certificate expires is that of its last diagnosis") {
    Metrics metrics;
    Record record = tests::failed();
    auto server = std::make_shared<inspect::ServerLeg>(*record.server);
    REQUIRE_FALSE(server->diagnosis.chain.empty());
    for (const std::int64_t not_after : {1'800'000'000, 1'900'000'000}) {
        server->diagnosis.chain.front().description.not_after = {not_after};
        record.server = std::make_shared<const inspect::ServerLeg>(*server);
        metrics.count(record);
    }
    CHECK(has(metrics, R"(whytls_certificate_not_after_timestamp_seconds{host="api.example.com:443"} 1900000000)"));
}

TEST_CASE("hosts after the first hundred are counted together, and names are escaped") {
    Metrics metrics;
    for (int host = 0; host < 250; ++host) metrics.count(to("h" + std::to_string(host) + ".test"));
    CHECK(has(metrics, R"(whytls_host_requests_total{host="h99.test:443",result="ok"} 1)"));
    CHECK(has(metrics, R"(whytls_host_requests_total{host="other",result="ok"} 150)"));
    Metrics odd;
    odd.count(to("a\"b\\c\nd\xff"));
    CHECK(has(odd, R"(whytls_host_requests_total{host="a\"b\\c\ndÿ:443",result="ok"} 1)"));
}

TEST_CASE("what several loops have counted adds up, and stays bounded") {
    Metrics one, two, sum;
    for (int host = 0; host < 80; ++host) one.count(to("h" + std::to_string(host) + ".test"));
    for (int host = 40; host < 140; ++host) two.count(to("h" + std::to_string(host) + ".test"));
    sum.add(one);
    sum.add(two);
    CHECK(has(sum, R"(whytls_requests_total{method="GET",status="2xx",code=""} 180)"));
    CHECK(has(sum, R"(whytls_host_requests_total{host="h40.test:443",result="ok"} 2)"));
    CHECK(has(sum, R"(whytls_host_requests_total{host="other",result="ok"} 40)"));
    CHECK(has(sum, "whytls_request_duration_seconds_count 180"));
}

// For promtool and Prometheus, end_to_end.metrics.
TEST_CASE("the metrics are written to a file", "[.metrics]") {
    const char* const asked = std::getenv("WHYTLS_METRICS");
    REQUIRE(asked != nullptr);
    Metrics metrics;
    count_all(metrics);
    metrics.count(to("a\"b\\c\nd\xff"));
    std::ofstream(asked, std::ios::binary) << metrics.text(
        {.version = "0.1.0", .open_connections = 3, .dropped_events = 4, .otlp = inspect::OtlpCounts()});
}

TEST_CASE("what became of spans and log records is counted where there is a collector") {
    const Metrics metrics;
    CHECK_FALSE(metrics.text({}).contains("otlp"));
    const std::string text =
        metrics.text({.otlp = inspect::OtlpCounts{inspect::OtlpCount{.sent = 5, .full = 4, .refused = 3, .waiting = 2},
                                                  inspect::OtlpCount{.sent = 1}}});
    CHECK(text.contains("\nwhytls_otlp_sent_total{signal=\"spans\"} 5\nwhytls_otlp_sent_total{signal=\"logs\"} 1\n"));
    CHECK(text.contains("\nwhytls_otlp_dropped_total{signal=\"spans\",reason=\"full\"} 4\n"));
    CHECK(text.contains("\nwhytls_otlp_dropped_total{signal=\"spans\",reason=\"refused\"} 3\n"));
    CHECK(text.contains("\nwhytls_otlp_queued{signal=\"spans\"} 2\n"));
}
