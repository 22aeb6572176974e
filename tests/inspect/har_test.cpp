#include "inspect/report/har.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "inspect/report/flow_document.h"
#include "tests/inspect/har_records.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using inspect::Record;
using namespace inspect::report;
using Json = nlohmann::json;

namespace {

const Secrets masked{.shown = false, .names = {"token"}};

std::string entry_text(const Record& record) {
    return har_entry(document_json(record, masked), record.request_content.bytes, record.response_content.bytes);
}
Json entry(const Record& record) { return Json::parse(entry_text(record)); }

std::string har_of(const std::vector<Record>& records) {
    std::string text = har_begin("0.1.0");
    for (const Record& record : records)
        text += (&record == records.data() ? "" : std::string(har_between)) + entry_text(record);
    return text + har_end();
}

std::string one_entry(const std::string& members) {
    return R"({"log":{"entries":[{"startedDateTime":"2026-11-30T09:38:12.500+02:00",)" + members + "}]}}";
}
std::string error_of(const std::string& text) {
    const auto read = read_har(text);
    REQUIRE_FALSE(read.has_value());
    return read.error().where + ": " + read.error().what;
}
std::vector<Record> read(const std::string& text) {
    auto records = read_har(text);
    INFO((records ? "" : records.error().where + ": " + records.error().what));
    REQUIRE(records.has_value());
    return std::move(*records);
}

const std::string plain_request = R"("request":{"method":"GET","url":"https://a.test/x?y#z","headers":[]})";

}  // namespace

TEST_CASE("a response's content is decoded, its secrets are masked, and cookies are told apart") {
    const Json one = entry(tests::answered());
    CHECK(one["request"]["url"] == "https://api.example.com/v1?a=1&token=***");
    CHECK(one["request"]["queryString"] == Json::parse(R"([{"name":"a","value":"1"},{"name":"token","value":"***"}])"));
    CHECK(one["request"]["cookies"][1] == Json({{"name", "theme"}, {"value", "***"}}));
    const Json& content = one["response"]["content"];
    CHECK(content["text"] == R"({"a":"é"})");
    CHECK(content["size"] == 10);
    CHECK(content["compression"] == 10 - one["response"]["bodySize"].get<int>());
    CHECK(one["response"]["cookies"][0] == Json({{"name", "sid"},
                                                 {"value", "***"},
                                                 {"path", "/"},
                                                 {"expires", "2026-10-21T07:28:00Z"},
                                                 {"httpOnly", true},
                                                 {"secure", true},
                                                 {"sameSite", "Lax"}}));
    CHECK(one["serverIPAddress"] == "2001:db8::1");
    CHECK(one["connection"] == "7");
    CHECK(one["_whytls"]["lock"] == "verified");
    CHECK_FALSE(one["_whytls"].contains("report"));
}

TEST_CASE("the phases of a flow that opened its connection add up to its time, TLS within connect") {
    const Json one = entry(tests::answered());
    CHECK(one["timings"] ==
          Json::parse(R"({"blocked":2.0,"dns":1.5,"connect":30.25,"ssl":20.0,"send":0,"wait":26.25,"receive":15.5})"));
    CHECK(one["time"] == 75.5);
    CHECK(entry(tests::posted())["timings"] ==
          Json::parse(R"({"blocked":-1,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":60.0,"receive":15.5})"));
    Record odd = tests::answered();
    odd.flow.total_ms = 12;  // a clock that ran differently
    const Json timings = entry(odd)["timings"];
    CHECK(timings["connect"] == 8.5);
    CHECK(timings["receive"] == 0.0);
}

TEST_CASE("bytes that are no text are in base64, and a form has its parameters") {
    const Json one = entry(tests::posted());
    CHECK(one["response"]["content"]["text"] == "AP8B");
    CHECK(one["response"]["content"]["encoding"] == "base64");
    CHECK(one["request"]["postData"]["text"] == "a=1+2&b=%C3%A9");
    CHECK(one["request"]["postData"]["params"][1] == Json({{"name", "b"}, {"value", "é"}}));
    CHECK(one["request"]["bodySize"] == 14);
}

TEST_CASE("a failed handshake is an entry with status 0, whose diagnosis is in _whytls") {
    for (const Record& record : {tests::failed(), tests::failed_handshake()}) {
        const Json one = entry(record);
        CHECK(one["response"]["status"] == 0);
        CHECK(one["response"]["_error"] == one["_whytls"]["title"]);
        CHECK(one["_whytls"]["code"] == "hostname_mismatch");
        CHECK(one["_whytls"]["lock"] == "failed");
        CHECK(one["_whytls"]["report"]["problems"].size() > 0);
    }
    CHECK(entry(tests::failed_handshake())["request"]["url"] == "https://api.example.com:443/");
    CHECK(entry(tests::refused_by_client())["_whytls"]["kind"] == "client_handshake");
}

TEST_CASE("what was kept in part, or cannot be decoded, says so") {
    Record part = tests::posted();
    part.response_content.whole = false;
    part.flow.response_bytes = 5000;
    const Json content = entry(part)["response"]["content"];
    CHECK(content["comment"] == "only the beginning was kept");
    CHECK(content["size"] == 5000);
    CHECK(entry(part)["_whytls"]["response_whole"] == false);
    Record odd = tests::posted();
    odd.response->fields.add("Content-Encoding", "compress");
    CHECK(entry(odd)["response"]["content"]["comment"] == "in its content coding, which could not be undone: compress");
    CHECK(entry(odd)["response"]["content"]["text"] == "AP8B");
    CHECK(har_entry("no document", "", "").empty());
    CHECK(Json::parse(har_entry("{}", "", "")).is_object());
}

TEST_CASE("WebSocket messages are written as Chrome writes them") {
    const Json messages = entry(tests::websocket())["_webSocketMessages"];
    REQUIRE(messages.size() == 3);
    CHECK(messages[0]["type"] == "send");
    CHECK(messages[0]["opcode"] == 1);
    CHECK(messages[0]["data"] == "hello");
    CHECK(messages[0]["time"].get<double>() ==
          Catch::Detail::Approx(static_cast<double>(tests::forge_time.seconds) + 0.311).margin(0.0001));
    CHECK(messages[1] ==
          Json({{"type", "receive"}, {"time", messages[1]["time"]}, {"opcode", 2}, {"data", "/wA="}, {"_size", 1000}}));
    CHECK(messages[2]["opcode"] == 8);
}

TEST_CASE("what was written and read is written the same again") {
    std::vector<Record> records = tests::all_records();
    const Json first = Json::parse(har_of(records))["log"]["entries"];
    const Json second = Json::parse(har_of(read(har_of(records))))["log"]["entries"];
    REQUIRE(first.size() == second.size());
    for (std::size_t index = 0; index < first.size(); ++index) {
        Json before = first[index], after = second[index];
        // The report is not read again, nor is the coding that is undone, and a time is rounded.
        for (Json* each : {&before, &after}) {
            (*each)["_whytls"].erase("report");
            (*each)["response"]["content"].erase("compression");
            (*each)["request"].erase("httpVersion");
            auto& headers = (*each)["response"]["headers"];
            for (auto at = headers.begin(); at != headers.end();)
                at = (*at)["name"] == "Content-Encoding" ? headers.erase(at) : at + 1;
            if ((*each)["_whytls"]["kind"] != "request") (*each)["request"].erase("method");
        }
        INFO("entry " << index);
        CHECK(before == after);
    }
}

TEST_CASE("a HAR of a browser is read: pseudo-fields left out, target and versions understood") {
    const std::vector<Record> records = read(
        "\xef\xbb\xbf"
        R"({"log":{"version":"1.2","pages":[{"entries":[1]}],"entries":[{
        "startedDateTime":"2026-11-30T09:38:12.500+02:00","time":80,"_priority":"High",
        "request":{"method":"POST","url":"https://[2001:db8::1]:8443/a?b=c#d","httpVersion":"h2","headersSize":-1,"bodySize":3,
            "headers":[{"name":":authority","value":"x"},{"name":"accept","value":"*/*"}],"postData":{"mimeType":"x","params":[{"name":"a b","value":"é"}]}},
        "response":{"status":200,"statusText":"","httpVersion":"http/2.0","headers":[{"name":"content-encoding","value":"br"}],
            "content":{"size":3,"mimeType":"text/plain","text":"AP8B","encoding":"base64"},"bodySize":null},
        "timings":{"blocked":4,"dns":1,"connect":30,"ssl":20,"send":1,"wait":14,"receive":30},"serverIPAddress":"192.0.2.1","connection":"443"}]}})");
    REQUIRE(records.size() == 1);
    const Record& one = records[0];
    CHECK(one.number == 1);
    CHECK(one.flow.time == certs::parse_rfc3339("2026-11-30T07:38:12Z"));
    CHECK(one.unix_ms == one.flow.time.seconds * 1000 + 500);
    CHECK(one.flow.host == "2001:db8::1");
    CHECK(one.flow.port == 8443);
    CHECK(one.request->target == "/a?b=c");
    CHECK(one.request->fields.size() == 1);
    CHECK(one.request_content.bytes == "a%20b=%C3%A9");
    CHECK(one.flow.protocol == "h2");
    CHECK(one.response->fields.size() == 0);
    CHECK(one.response_content.bytes == std::string("\0\xff\x01", 3));
    CHECK(one.flow.response_bytes == 3);
    CHECK(one.flow.first_byte_ms == 50);
    CHECK(one.server->diagnosis.address == "192.0.2.1:8443");
    CHECK(one.server->diagnosis.timings.connect == 10.0);
    CHECK(lock_of(one) == inspect::Lock::none);
    CHECK(Json::accept(document_json(one, masked)));
}

TEST_CASE("an entry without a response, as browsers write blocked requests, is read") {
    CHECK_FALSE(read(one_entry(plain_request + R"(,"response":{"status":0,"content":{}})"))[0].response);
    CHECK_FALSE(read(one_entry(plain_request))[0].response);
    CHECK(read(one_entry(R"("request":{"method":"GET","url":"data:text/plain,x"})"))[0].flow.host.empty());
}

TEST_CASE("a file that is no HAR is refused with where and what") {
    CHECK(error_of("") == ": not JSON: byte 1 cannot be there");
    CHECK(error_of("[]") == "log.entries: missing");
    CHECK(error_of(R"({"log":{"entries":{}}})") == "entries: not an array");
    CHECK(error_of(R"({"log":{"entries":3}})") == "entries: not an array");
    CHECK(error_of(R"({"log":{"entries":[[]]}})") == "entries[0]: not an object");
    CHECK(error_of(R"({"log":{"entries":[{}]}})") == "entries[0].startedDateTime: missing");
    CHECK(error_of(one_entry(R"("request":{"method":"GET","url":3})")) == "entries[0].request.url: not a string");
    CHECK(error_of(one_entry(R"("request":{"method":"G T","url":"x"})")) == "entries[0].request.method: not a method");
    CHECK(error_of(one_entry(R"("request":[])")) == "entries[0].request: not an object");
    CHECK(error_of(one_entry(R"("request":{"method":"GET","url":"x","headers":[{"name":"a"}]})")) ==
          "entries[0].request.headers[0].value: missing");
    CHECK(error_of(
              one_entry(plain_request + R"(,"response":{"status":200,"content":{"text":"*","encoding":"base64"}})")) ==
          "entries[0].response.content.text: not base64, as its encoding says");
    CHECK(error_of(one_entry(plain_request + R"(,"time":"long")")) == "entries[0].time: not a number");
    CHECK(error_of(R"({"log":{"entries":[{"startedDateTime":"yesterday"}]}})") ==
          "entries[0].startedDateTime: not a time as RFC 3339 has it");
}

TEST_CASE("a HAR is bounded: in depth, values, entries and contents") {
    CHECK(error_of(one_entry("\"a\":" + std::string(100'000, '['))) == "entries[0]: more than 64 deep");
    std::string values = "\"a\":[0";
    for (int each = 0; each < 1'000'001; ++each) values += ",0";
    CHECK(error_of(one_entry(values + "]")) == "entries[0]: more than 1000000 values");
    std::string many = R"({"log":{"entries":[)";
    const std::string small = R"({"startedDateTime":"2026-11-30T00:00:00Z",)" + plain_request + "},";
    for (int each = 0; each < 100'001; ++each) many += small;
    many.back() = ']';
    CHECK(error_of(many + "}}") == "entries: more than 100000");
    const Record large =
        read(one_entry(plain_request + R"(,"response":{"status":200,"content":{"size":2000000,"text":")" +
                       std::string(2'000'000, 'a') + R"("}})"))[0];
    CHECK(large.response_content.bytes.size() == most_har_kept);
    CHECK_FALSE(large.response_content.whole);
}

// For the validator of end_to_end.har.
TEST_CASE("a HAR is written to a file", "[.har]") {
    const char* const asked = std::getenv("WHYTLS_WRITE_HAR");
    REQUIRE(asked != nullptr);
    std::ofstream(asked, std::ios::binary) << har_of(tests::all_records());
}
