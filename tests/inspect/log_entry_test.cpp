#include "inspect/report/log_entry.h"

#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/report/log.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::report;

namespace {

LogEntry entry(std::string_view line) {
    const auto parsed = parse_log_line(line);
    REQUIRE(parsed);
    return *parsed;
}

std::string event(std::string_view members) {
    return std::string(R"({"event":"request","time":"2026-11-20T12:00:00Z",)").append(members) + "}";
}

}  // namespace

TEST_CASE("every line that the log writes is read back") {
    const LogEntry server = entry(upstream_handshake_line("f-1", inspect::diagnosis::explain(tests::cloudfront())));
    CHECK(server.failed);
    CHECK(server.host == "api.example.com");
    CHECK(server.subject == "api.example.com:443");
    CHECK(server.result == "hostname_mismatch");
    CHECK(server.title.starts_with("The certificate is genuine"));
    CHECK(server.milliseconds);

    inspect::diagnosis::ClientAttempt attempt;
    attempt.client = "127.0.0.1:5000";
    attempt.host = attempt.sni = "api.example.com";
    attempt.failure.kind = tls::FailureKind::alert;
    attempt.failure.alert_received = 48;
    const LogEntry client =
        entry(client_handshake_line("f-2", attempt.client, inspect::diagnosis::explain_client(attempt)));
    CHECK(client.failed);
    CHECK(client.result == "client_untrusted_ca");
    CHECK(client.subject == "api.example.com from 127.0.0.1:5000");

    inspect::Flow line;
    line.method = "GET";
    line.url = "https://api.example.com:8443/v1";
    line.status = 200;
    line.total_ms = 12.5;
    const LogEntry good = entry(request_line(line));
    CHECK_FALSE(good.failed);
    CHECK(good.host == "api.example.com");
    CHECK(good.subject == "GET https://api.example.com:8443/v1");
    CHECK(good.result == "200");
    CHECK(good.milliseconds == 12.5);
    line.code = inspect::diagnosis::Code::upstream_closed;
    line.let_through = inspect::diagnosis::Code::expired;
    CHECK(entry(request_line(line)).failed);
    CHECK(entry(request_line(line)).result == "200 upstream_closed despite expired");

    const LogEntry proxy = entry(proxy_line({0}, "started", "127.0.0.1:8080"));
    CHECK(proxy.subject == "started 127.0.0.1:8080");
    CHECK_FALSE(proxy.failed);
}

TEST_CASE("a WebSocket's line tells what passed, and its row how it was closed") {
    inspect::http::WebSocketSummary websocket;
    websocket.client = {.text = 2, .continuation = 1, .close = 1, .messages = 2, .bytes = 30};
    websocket.server.malformed = true;
    inspect::Flow line;
    line.status = 101;
    line.websocket = websocket;
    CHECK(request_line(line).contains(
        R"("websocket":{"sent":{"frames":4,"messages":2,"bytes":30,"kinds":{"text":2,"continuation":1,"close":1}},)"
        R"("received":{"frames":0,"messages":0,"bytes":0,"malformed":true},"close":{"by":"none","connection":"ended"}})"));
    CHECK(entry(request_line(line)).result == "101 no close frame");
    line.websocket->broken = true;
    CHECK(request_line(line).contains(R"("close":{"by":"none","connection":"broken"})"));

    line.websocket->closed_by = inspect::http::WebSocketPeer::server;
    CHECK(request_line(line).contains(R"("close":{"by":"server"})"));
    CHECK(entry(request_line(line)).result == "101 closed");
    line.websocket->close = {.code = 4000, .reason = "gone\x1b[2J \xff\""};
    CHECK(request_line(line).contains(
        "\"close\":{\"by\":\"server\",\"code\":4000,\"reason\":\"gone\uFFFD[2J \uFFFD\\\"\"}"));
    CHECK(entry(request_line(line)).result == "101 closed 4000");
    CHECK(entry(request_line(line)).title == "the server closed it: gone\uFFFD[2J \uFFFD\"");
}

TEST_CASE("what was mended in a response stands in its line, and nothing of it in the line of another") {
    inspect::Flow line;
    line.status = 200;
    CHECK_FALSE(request_line(line).contains("mended"));
    line.mended = {inspect::http::Mend::line_feeds, inspect::http::Mend::repeated_length};
    CHECK(request_line(line).contains(
        R"("mended":["lines that end in LF without CR","the same Content-Length more than once"])"));
    CHECK(
        mended_sentence("good.test:443", line.mended) ==
        "good.test:443: a response was mended on its way to the client: lines that end in LF without CR; the same Content-Length more "
        "than once");
    CHECK(entry(request_line(line)).result == "200");
}

TEST_CASE("a request's line has the protocol of each leg, where that leg had one; lines without are read as before") {
    inspect::Flow line;
    line.status = 200;
    CHECK_FALSE(request_line(line).contains("protocol"));
    line.protocol = "h2";
    CHECK(request_line(line).contains(R"("protocol":"h2","status":200)"));
    line.server_protocol = "http/1.0";
    CHECK(request_line(line).contains(R"("protocol":"h2","server_protocol":"http/1.0","status":200)"));
    CHECK(entry(request_line(line)).result == "200");
}

TEST_CASE("a row holds what people look for, and a failure's title below it") {
    const LogEntry request = entry(
        event(R"("method":"GET","url":"https://a.test/x","status":502,"code":"expired","timing_ms":{"total":1.26})"));
    CHECK(log_table_row(request, Ink::plain) ==
          "2026-11-20 12:00:00  request  502 expired                                  1.3  GET https://a.test/x\n");
    const LogEntry failed = entry(
        R"({"event":"upstream_handshake","time":"2026-11-20T12:00:00Z","verdict":"failed","code":"expired","host":"a.test","port":443,"title":"It is over"})");
    const std::string row = log_table_row(failed, Ink::plain);
    CHECK(
        row ==
        "2026-11-20 12:00:00  server   expired                                           a.test:443\n                     It is over\n");
    CHECK(log_table_row(failed, Ink::colour).find("\x1b[1;31m") != std::string::npos);
}

TEST_CASE("a code stands whole in its row, and what mends a client's failure below it") {
    const LogEntry refused =
        entry(event(R"("method":"GET","url":"https://a.test/","status":407,"code":"proxy_authentication_required")"));
    CHECK(log_table_row(refused, Ink::plain).contains("  407 proxy_authentication_required  "));
    const LogEntry client = entry(
        R"({"event":"client_handshake","time":"2026-11-20T12:00:00Z","verdict":"failed","code":"client_untrusted_ca","host":"a.test","title":"no trust","fix":"Give it the CA.","command":"curl --cacert ca.pem"})");
    CHECK(log_table_row(client, Ink::plain)
              .ends_with("  no trust\n                     Give it the CA. curl --cacert ca.pem\n"));
}

TEST_CASE("nothing in a line can command a terminal") {
    const LogEntry hostile = entry(
        event(R"("method":"G\u001b[2J","url":"https://a.test/\u0007\u009b1m\u202e","code":"\u001b]0;x\u0007\n")"));
    const std::string row = log_table_row(hostile, Ink::plain);
    CHECK(row.find('\x1b') == std::string::npos);
    CHECK(row.find('\x07') == std::string::npos);
    CHECK(row.find("\xc2\x9b") == std::string::npos);
    CHECK(std::ranges::count(row, '\n') == 1);
}

TEST_CASE("what is no event is told apart from what is no JSON") {
    using enum LogLineProblem;
    for (const std::string_view line : {"", "{", "\xff\x00", "{\"event\":\"request\",\"time\":\"2026-11-2"})
        CHECK(parse_log_line(line).error() == not_json);
    for (const std::string_view line :
         {"1", "[]", "{}", R"({"event":"request"})", R"({"event":1,"time":"2026-11-20T12:00:00Z"})",
          R"({"event":"request","time":"yesterday"})"})
        CHECK(parse_log_line(line).error() == not_an_event);
    CHECK(entry(event(R"("status":"x","url":7,"timing_ms":[1])")).result == "-");
    CHECK(entry(event(R"("url":"https://[::1]:443/")")).host == "::1");
    CHECK(entry(event(R"("url":"https://[")")).host.empty());
    const std::string deep = event("\"x\":" + std::string(100'000, '[') + std::string(100'000, ']'));
    CHECK_FALSE(entry(deep).failed);
}

TEST_CASE("a filter is compared with what a line of the log says") {
    const auto matches = [](std::string_view filter, const LogEntry& line) {
        return inspect::Filter::parse(filter).value().matches(subject_of(line));
    };
    const LogEntry request = entry(event(
        R"("client":"127.0.0.1:5000","method":"POST","url":"https://a.test/x","status":502,"code":"expired","response_bytes":3000,"timing_ms":{"total":300})"));
    CHECK(matches(
        "a.test/x host:=a.test method:post status:5xx code:expired client:127. size:>2kb time:>0.2s failed -warned",
        request));
    const LogEntry passed = entry(event(R"("url":"https://a.test/x","status":200,"let_through":"expired")"));
    CHECK(matches("warned code:expired -failed", passed));
    const LogEntry either = entry(event(R"("url":"https://a.test/x","protocol":"h2","server_protocol":"http/1.1")"));
    CHECK(matches("proto:h2 proto:http/1.1", either));
    CHECK(matches("status:0", entry(event(R"("status":0)"))));
    const LogEntry server = entry(
        R"({"event":"upstream_handshake","time":"2026-11-20T12:00:00Z","verdict":"warning","host":"b.test","port":443,"tls":{"alpn":"h2"}})");
    CHECK(matches("b.test:443 warned proto:h2 -status:<999", server));
    const LogEntry client = entry(
        R"({"event":"client_handshake","time":"2026-11-20T12:00:00Z","verdict":"failed","code":"client_pinned","sni":"c.test","client":"127.0.0.1:1","title":"It is pinned"})");
    CHECK(matches("code:client_ host:c.test pinned failed", client));
    CHECK(matches("started", entry(proxy_line({0}, "started", ""))));
    CHECK_FALSE(matches("a.test", entry(event(R"("url":7,"status":-1,"response_bytes":-1)"))));
    CHECK_FALSE(matches("size:>=0 or status:<999", entry(event(R"("url":7,"status":-1,"response_bytes":-1)"))));
}

TEST_CASE("a row of one line has the title at its end, and commands no terminal") {
    const LogEntry refused = entry(
        R"({"event":"client_handshake","time":"2026-11-20T12:00:00Z","verdict":"failed","code":"client_pinned","host":"a.test","title":"It is\u001b[2J\npinned","fix":"none"})");
    const std::string row = log_flow_row(refused, Ink::plain);
    CHECK(
        row ==
        "2026-11-20 12:00:00  client   client_pinned                                     a.test  (It is\uFFFD[2J\uFFFDpinned)\n");
}
