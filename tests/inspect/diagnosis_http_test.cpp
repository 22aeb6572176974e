// What is told of a request that cannot be served, and of a response that does not come.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using inspect::http::MessageError;

namespace {

std::string all_fixes(const Problem& problem) {
    std::string text;
    for (const auto& fix : problem.fixes) text += fix.text + "\n" + fix.command + "\n";
    return text;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Diagnosis rejected(std::string bytes) {
    Attempt attempt;
    attempt.failure = RequestRejected{MessageError::not_http, std::move(bytes)};
    return explain(attempt);
}

// The connection had resumed a session; then `failure`.
Problem after_resumption(HttpFailure failure) {
    Attempt attempt = tests::attempt_at();
    attempt.handshake.emplace().resumed = true;
    attempt.failure = std::move(failure);
    return explain(attempt).problems.front();
}

}  // namespace

TEST_CASE("a password in a URL is named as what is wrong, with the way it is taken, and not shown") {
    Attempt attempt;
    attempt.time = tests::forge_time;
    attempt.proxy_address = "127.0.0.1:8080";
    attempt.failure = RequestRejected{MessageError::bad_start_line, "/https://***@app.test/x", true};
    const Diagnosis found = explain(attempt);
    CHECK(found.title == "the URL holds a user name or a password, which is not taken there");
    CHECK(found.problems.front().fixes.front().command == "curl -u USER:PASS http://127.0.0.1:8080/https://app.test/x");
}

TEST_CASE(
    "a listener asked under an unknown name names that very origin to be allowed; a page that nothing tells is given no invented one") {
    using Sign = inspect::http::CrossSite::Sign;
    Attempt attempt = tests::attempt_at("app.test");
    attempt.failure =
        CrossSiteRefused{{Sign::host, "vm:8080"}, "192.0.2.7:8080", "http://vm:8080", "https://app.test/x"};
    CHECK(has(all_fixes(explain(attempt).problems.front()), "whytls proxy --allow-origin http://vm:8080"));
    attempt.failure = CrossSiteRefused{
        {Sign::fetch_site, "cross-site"}, "127.0.0.1:8080", "http://127.0.0.1:8080", "https://app.test/x"};
    CHECK(has(all_fixes(explain(attempt).problems.front()), "whytls proxy --allow-origin ORIGIN"));
}

TEST_CASE("credentials for the proxy are named as the client's way in takes them") {
    const auto command = [](NotAuthorized::Way way) {
        Attempt attempt = tests::attempt_at();
        attempt.proxy_address = "127.0.0.1:8080";
        attempt.failure = NotAuthorized{false, way};
        return explain(attempt).problems.front().fixes.front().command;
    };
    CHECK(has(command(NotAuthorized::Way::proxy), "curl -x http://127.0.0.1:8080 --proxy-user USER:PASS "));
    CHECK(has(command(NotAuthorized::Way::socks), "curl -x socks5h://127.0.0.1:8080 --proxy-user USER:PASS "));
    CHECK(has(command(NotAuthorized::Way::gateway),
              "-H \"Proxy-Authorization: Basic $(printf %s 'USER:PASS' | base64)\" http://127.0.0.1:8080/https://"));
}

TEST_CASE("a client that takes the HTTP port for a TLS or SOCKS proxy is told how to write its address") {
    const auto check = [](std::string bytes, std::string_view protocol) {
        const Diagnosis diagnosis = rejected(std::move(bytes));
        CHECK(diagnosis.code == Code::request_rejected);
        CHECK(diagnosis.title == "the client speaks " + std::string(protocol) + " to the proxy's HTTP port");
        CHECK(has(diagnosis.problems.front().fixes.front().text, "Begin the proxy URL with http://"));
    };
    check("\x16\x03\x01\x02", "TLS");
    check(std::string("\x05\x01\x00", 3), "SOCKS5");
    check("\x04\x01", "SOCKS4");
    CHECK(has(rejected("\x16\x02").title, "the bytes are no HTTP message"));
}

TEST_CASE("a plain HTTP port that hangs up without a byte may speak TLS") {
    const auto first_fix = [](const Attempt& attempt) { return explain(attempt).problems.front().fixes.front(); };
    const Attempt silent = tests::plain_http({HttpFailure::Kind::closed, std::nullopt, ""});
    CHECK(has(first_fix(silent).text, "https://"));
    CHECK(has(first_fix(silent).command, "https://good.test:8080/"));
    CHECK_FALSE(
        has(first_fix(tests::plain_http({HttpFailure::Kind::closed, MessageError::truncated, "HTTP/1.1 200"})).text,
            "https://"));
    CHECK(has(
        first_fix(tests::plain_http({HttpFailure::Kind::not_http, MessageError::not_http, "SSH-2.0-OpenSSH_9.2\r\n"}))
            .text,
        "This port does not serve HTTP: it speaks SSH."));
}

TEST_CASE("a request that has been here before is told by its Via, and the server was not asked") {
    Attempt attempt = tests::attempt_at("app.test");
    attempt.addresses.clear();
    attempt.failure = ProxyLoop{"1.1 whytls-1, 1.1 whytls-2"};
    const Diagnosis found = explain(attempt);
    CHECK(found.code == Code::proxy_loop);
    CHECK(found.title == "proxies lead in a circle: the request for app.test:443 has passed this whytls before");
    CHECK(found.problems.front().evidence.back().values == std::vector<std::string>{});
    CHECK(found.problems.front().evidence.back().value == "1.1 whytls-1, 1.1 whytls-2");
    CHECK(found.steps.front().summary == "the request was not passed on");
    attempt.failure = ProxyLoop{};
    CHECK(has(explain(attempt).title, "is this proxy itself"));
    attempt.failure = ProxyLoop{.redirected = true};
    CHECK(has(explain(attempt).title, "own connection to app.test:443 was redirected back"));
}

TEST_CASE("a gateway path without a server is told so: the request itself is none that HTTP forbids") {
    Attempt attempt;
    attempt.proxy_address = "127.0.0.1:8080";
    for (const auto& [path, server] :
         {std::pair{"/https://", "nothing"}, std::pair{"/https:/", "nothing"}, std::pair{"/https:///x", "nothing"},
          std::pair{"/https://:443/", ":443"}, std::pair{"/http://a.test:99999/x?y", "a.test:99999"},
          std::pair{"/https://[::1/x", "[::1"}, std::pair{"/https://a%20b/", "a%20b"}}) {
        INFO(path);
        attempt.failure = RequestRejected{MessageError::bad_start_line, path};
        const Diagnosis found = explain(attempt);
        CHECK(found.title == fmt::format("the path {} names no server that could be asked", path));
        CHECK(found.status == 400);
        CHECK_FALSE(has(found.problems.front().detail, "HTTP/1.1 does not allow"));
        CHECK(found.problems.front().evidence.at(1).values.empty());
        CHECK(found.problems.front().evidence.at(1).value == server);
        CHECK(found.problems.front().fixes.front().command == "curl http://127.0.0.1:8080/https://api.example.com/");
    }
}

TEST_CASE("a URL that is not of the web is named as what is wrong, another malformed line is not") {
    const auto title = [](std::string bytes) {
        Attempt attempt;
        attempt.failure = RequestRejected{MessageError::bad_start_line, std::move(bytes)};
        return explain(attempt).title;
    };
    CHECK(title("ftp://mirror.test/x") ==
          "the client asked for ftp://mirror.test/x, and whytls passes on only http and https");
    for (const auto* other : {"https://a.test/#x", "/x#y", "GET ftp://a.test/ x HTTP/1.1", "://x", ""}) {
        INFO(other);
        CHECK(has(title(other), "the first line is malformed"));
    }
}

TEST_CASE("a malformed chunk is told with its first wrong byte and its own fix, and no line of a head is blamed") {
    HttpFailure failure;
    failure.error = MessageError::bad_chunk;
    failure.fault.byte = 'Z';
    failure.first_bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n";
    Attempt attempt = tests::attempt_at();
    attempt.failure = failure;
    const Problem problem = explain(attempt).problems.front();
    CHECK(problem.fixes.front().text.starts_with("Check what frames the body"));
    const auto wrong = std::ranges::find(problem.evidence, "what is wrong", &EvidenceRow::label);
    REQUIRE(wrong != problem.evidence.end());
    CHECK(wrong->value.contains("the byte 0x5a (\"Z\") stands where a size in hexadecimal"));
    failure.error = MessageError::ambiguous_length;
    attempt.failure = failure;
    CHECK(explain(attempt).problems.front().fixes.front().text.starts_with("Send one length of the body"));
}

TEST_CASE("a server that ends a resumed connection before it answered may do so for the session only") {
    using Kind = HttpFailure::Kind;
    HttpFailure failure;
    for (const Kind kind : {Kind::closed, Kind::timed_out}) {
        failure.kind = kind;
        CHECK(has(after_resumption(failure).detail, "had resumed the TLS session of an earlier one"));
        CHECK(after_resumption(failure).fixes.front().command == "whytls proxy --resumption off");
    }
    HttpFailure later = failure, begun = failure, malformed = failure;
    later.served_before = true;
    begun.first_bytes = "HTTP/1.1 200";
    malformed.kind = Kind::not_http;
    for (const HttpFailure& other : {later, begun, malformed})
        CHECK_FALSE(has(after_resumption(other).detail, "resumed"));
}
