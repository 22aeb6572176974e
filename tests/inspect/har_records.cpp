#include "tests/inspect/har_records.h"

#include "inspect/diagnosis/diagnosis.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/coded.h"

namespace tests {

using inspect::Record;
using inspect::diagnosis::Code;

namespace {

Record begun(std::uint64_t number, std::string method, std::string path) {
    Record record;
    record.number = number;
    record.complete = true;
    record.began_ms = 1000;
    record.unix_ms = forge_time.seconds * 1000 + 250;
    record.program = "curl";
    inspect::Flow& flow = record.flow;
    flow.id = "3-" + std::to_string(number);
    flow.client = "127.0.0.1:51000";
    flow.time = forge_time;
    flow.method = method;
    flow.url = "https://api.example.com" + path;
    flow.host = "api.example.com";
    flow.port = 443;
    flow.protocol = "h2";
    flow.first_byte_ms = 60;
    flow.total_ms = 75.5;
    record.request = inspect::http::RequestHead{
        .method = std::move(method), .target = std::move(path), .version = {2, 0}, .fields = {}};
    record.request->fields.add("Host", "api.example.com");
    record.client = std::make_shared<const inspect::ClientLeg>(
        inspect::ClientLeg{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "h2", "api.example.com", 4});
    return record;
}

void reach(Record& record, double opened_ms) {
    inspect::ServerLeg leg;
    leg.connection = "7";
    leg.opened_ms = record.began_ms + opened_ms;
    leg.diagnosis = inspect::diagnosis::explain(attempt_at());
    leg.diagnosis.address = "[2001:db8::1]:443";
    leg.diagnosis.timings = {.dns = 1.5, .connect = 10.25, .handshake = 20};
    record.server = std::make_shared<const inspect::ServerLeg>(std::move(leg));
    record.flow.reached = true;
    record.flow.server_protocol = "http/1.1";
}

void answer(Record& record, int status, std::string type, std::string body) {
    record.response = inspect::http::ResponseHead{.status = status, .reason = "OK", .version = {1, 1}, .fields = {}};
    record.response->fields.add("Content-Type", type);
    record.flow.status = status;
    record.flow.response_bytes = body.size();
    record.response_content.bytes = std::move(body);
}

}  // namespace

Record answered() {
    Record record = begun(1, "GET", "/v1?a=1&token=s%26");
    record.request->fields.add("Cookie", "sid=1; theme=dark");
    reach(record, 2);
    answer(record, 200, "application/json", gzip_of(R"({"a":"é"})"));
    record.response->fields.add("Content-Encoding", "gzip");
    record.response->fields.add("Set-Cookie",
                                "sid=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax");
    return record;
}

Record posted() {
    Record record = begun(2, "POST", "/form");
    record.request->fields.add("Content-Type", "application/x-www-form-urlencoded");
    record.request_content.bytes = "a=1+2&b=%C3%A9";
    record.flow.request_bytes = record.request_content.bytes.size();
    reach(record, -50);
    answer(record, 200, "application/octet-stream", std::string("\0\xff\x01", 3));
    return record;
}

Record failed() {
    Record record = begun(3, "GET", "/fails");
    inspect::ServerLeg leg;
    leg.opened_ms = record.began_ms;
    leg.diagnosis = inspect::diagnosis::explain(cloudfront());
    record.server = std::make_shared<const inspect::ServerLeg>(std::move(leg));
    record.flow.code = record.server->diagnosis.code;
    record.flow.status = 502;
    return record;
}

Record failed_handshake() {
    Record record = failed();
    record.kind = Record::Kind::upstream_handshake;
    record.number = 4;
    record.request.reset();
    record.flow.method = record.flow.url = "";
    record.flow.status = 0;
    record.flow.protocol = "";
    record.flow.first_byte_ms = 0;
    return record;
}

Record refused_by_client() {
    Record record;
    record.kind = Record::Kind::client_handshake;
    record.unix_ms = forge_time.seconds * 1000;
    record.number = 5;
    record.complete = true;
    record.flow.id = "4-1";
    record.flow.host = "api.example.com";
    record.flow.port = 443;
    record.flow.client = "127.0.0.1:51001";
    record.flow.time = forge_time;
    inspect::diagnosis::Diagnosis refused;
    refused.code = Code::client_untrusted_ca;
    refused.outcome = inspect::diagnosis::Outcome::failed;
    refused.leg = inspect::diagnosis::Leg::client;
    refused.title = "The client does not trust whytls's CA";
    record.own = std::make_shared<const inspect::diagnosis::Diagnosis>(refused);
    return record;
}

Record websocket() {
    Record record = begun(6, "GET", "/live");
    reach(record, -50);
    answer(record, 101, "", "");
    record.messages = {{true, "text", 61, 5, "hello", false},
                       {false, "binary", 62.5, 1000, std::string("\xff\0", 2), false},
                       {false, "close", 70, 2, "\x03\xe8", false}};
    return record;
}

std::vector<Record> all_records() {
    return {answered(), posted(), failed(), failed_handshake(), refused_by_client(), websocket()};
}

}  // namespace tests
