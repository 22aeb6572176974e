#include "inspect/report/flow_document.h"
#include "inspect/report/log_entry.h"
#include "tests/support/catch.h"

using namespace inspect;
using namespace inspect::report;

namespace {

Record request() {
    Record record;
    record.number = 7;
    record.complete = true;
    record.flow.client = "127.0.0.1:5000";
    record.flow.method = "GET";
    record.flow.url = "https://api.example.com/v1";
    record.flow.host = "api.example.com";
    record.flow.port = 443;
    record.unix_ms = 1'796'000'000'123;
    record.flow.protocol = "h2";
    record.flow.server_protocol = "http/1.1";
    record.flow.status = 200;
    record.flow.response_bytes = 2048;
    record.flow.total_ms = 1500;
    record.response.emplace();
    record.response->fields.add("Content-Type", "application/json; charset=utf-8");
    return record;
}

LogEntry entry(const Record& record) {
    const auto parsed = parse_flow_row(row_json(record, {}));
    REQUIRE(parsed);
    return *parsed;
}

bool takes(std::string_view filter, std::string_view row) { return row_matches(row, *Filter::parse(filter)); }

}  // namespace

TEST_CASE("a recorded request has the columns of a log's") {
    Record record = request();
    CHECK(entry(record).subject == "GET https://api.example.com/v1");
    CHECK(entry(record).result == "200");
    CHECK(entry(record).time == certs::Time{1'796'000'000});
    CHECK(entry(record).milliseconds == 1500);
    record.flow.let_through = diagnosis::Code::expired;
    CHECK(entry(record).result == "200 despite expired");
    record.flow.code = diagnosis::Code::hostname_mismatch;
    record.flow.status = 502;
    CHECK(entry(record).failed);
    CHECK(entry(record).result == "502 hostname_mismatch");
    record.complete = false;
    record.flow.status = 0;
    CHECK(entry(record).result == "- hostname_mismatch not complete");
}

TEST_CASE("rows of one connection to a server name it") {
    Record record = request();
    CHECK(row_json(record, {}).find("\"connection\"") == std::string::npos);
    ServerLeg server;
    server.connection = "3";
    record.server = std::make_shared<const ServerLeg>(std::move(server));
    CHECK(row_json(record, {}).find("\"connection\":\"3\"") != std::string::npos);
}

TEST_CASE("a recorded handshake has the columns of a log's") {
    Record record = request();
    record.flow.url = record.flow.method = "";
    record.kind = Record::Kind::upstream_handshake;
    CHECK(entry(record).event == "upstream_handshake");
    CHECK(entry(record).subject == "api.example.com:443");
    CHECK(entry(record).result == "ok");
    record.kind = Record::Kind::client_handshake;
    auto own = std::make_shared<diagnosis::Diagnosis>();
    own->outcome = diagnosis::Outcome::failed;
    own->code = diagnosis::Code::client_untrusted_ca;
    own->title = "It does not trust the CA";
    record.own = own;
    CHECK(entry(record).subject == "api.example.com from 127.0.0.1:5000");
    CHECK(entry(record).result == "client_untrusted_ca");
    CHECK(entry(record).title == "It does not trust the CA");
}

TEST_CASE("a filter asks a row, and an entry made of it, the same") {
    const std::string row = row_json(request(), {});
    const LogEntry made = entry(request());
    for (const char* filter : {"", "v1", "host:=api.example.com", "status:2xx", "mime:json", "proto:h2",
                               "proto:http/1.1", "size:2kb", "time:>1s", "method:get", "client:127.", "-failed"}) {
        INFO(filter);
        CHECK(takes(filter, row));
        CHECK(Filter::parse(filter)->matches(subject_of(made)));
    }
    for (const char* filter : {"v2", "failed", "warned", "status:>200", "size:>2kb", "time:<1s"}) {
        INFO(filter);
        CHECK_FALSE(takes(filter, row));
        CHECK_FALSE(Filter::parse(filter)->matches(subject_of(made)));
    }
}

TEST_CASE("what is no row is taken by no filter, and a number that cannot be one is none") {
    for (const char* text : {"", "x", "[]", "7", "{", "{\"a\":1}x"}) CHECK_FALSE(takes("", text));
    CHECK(takes("", "{}"));
    for (const char* number : {"1e300", "-1", "-1e300", "99999999999999999999", "\"9\"", "null", "[]"}) {
        const std::string row = std::string(R"({"status":)") + number + R"(,"response_bytes":)" + number + "}";
        INFO(row);
        CHECK_FALSE(takes("status:>=0", row));
        CHECK_FALSE(takes("size:>=0", row));
    }
    CHECK(parse_flow_row("{").error() == LogLineProblem::not_json);
    CHECK(parse_flow_row("{}").error() == LogLineProblem::not_an_event);
    CHECK(parse_flow_row(std::string(100'000, '[')).error() == LogLineProblem::not_json);
}
