// The answer in the form that the client asks for, and how much of it --detail shows.
#include "proxy/http/respond.h"

#include "inspect/report/grpc.h"
#include "inspect/report/page/page.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using inspect::diagnosis::Diagnosis;
using inspect::report::Detail;
using proxy::Answer;

namespace {

Diagnosis refused() {
    inspect::diagnosis::Attempt attempt;
    attempt.host = "api.example.com";
    attempt.time = tests::forge_time;
    attempt.addresses = {{"203.0.113.7:443", inspect::diagnosis::ConnectOutcome::refused, "connection refused"}};
    attempt.failure = inspect::diagnosis::ConnectFailure{};
    return explain(attempt);
}

Answer ask(std::string_view field, std::string_view value, Detail detail = Detail::full) {
    inspect::http::RequestHead request;
    request.method = "POST";
    request.fields.add(std::string(field), std::string(value));
    return proxy::diagnostic_answer(refused(), request, {.detail = detail});
}

std::string field(const Answer& answer, std::string_view name) {
    return std::string(answer.head.fields.find(name).value_or(""));
}

}  // namespace

TEST_CASE("a gRPC request is answered with 200 and the status in the head, without a body") {
    const Answer answer = ask("Content-Type", "application/grpc+proto");
    CHECK(answer.head.status == 200);
    CHECK(field(answer, "Content-Type") == "application/grpc");
    CHECK(field(answer, "grpc-status") == "14");
    CHECK(field(answer, "grpc-message").find("[connection_refused]") != std::string::npos);
    CHECK(field(answer, "Proxy-Status") == "whytls; error=connection_refused; details=\"connection_refused\"");
    CHECK(answer.body.empty());
}

TEST_CASE("a gRPC-Web request is answered in its body") {
    const Answer web = ask("Content-Type", "application/grpc-web");
    CHECK(field(web, "Content-Type") == "application/grpc-web");
    CHECK(field(web, "grpc-status").empty());
    CHECK(web.body.starts_with('\x80'));
    CHECK(ask("Content-Type", "application/grpc-web-text").body.starts_with("gAAA"));
}

TEST_CASE("a page carries its policy in the head too") {
    const Answer answer = ask("Accept", "text/html");
    CHECK(answer.head.status == 502);
    CHECK(field(answer, "Content-Security-Policy") == inspect::report::content_security_policy());
    CHECK(answer.body.find("content=\"" + inspect::report::content_security_policy() + "\"") != std::string::npos);
}

TEST_CASE("a page of elsewhere reads no more than title and code of what this machine's networks alone reach") {
    proxy::Settings settings;
    settings.allow_origin = {"https://front.example"};
    inspect::diagnosis::Attempt attempt;
    const auto told = [&](std::string_view address, std::string_view origin) {
        attempt.addresses = {{std::string(address), inspect::diagnosis::ConnectOutcome::connected, ""}};
        inspect::http::RequestHead request;
        if (!origin.empty()) request.fields.add("Origin", std::string(origin));
        return reader_of(settings, attempt, request).detail;
    };
    for (const char* address : {"127.0.0.1:22", "10.0.0.5:6379", "[::1]:22", "[fd00::1]:443"}) {
        INFO(address);
        for (const char* origin :
             {"https://evil.example", "null", "http://localhost.evil.example", "http://10.0.0.5", "nonsense"})
            CHECK(told(address, origin) == Detail::brief);
        for (const char* origin : {"", "http://localhost:3000", "https://app.localhost", "http://127.0.0.1:5173",
                                   "http://[::1]:5173", "https://front.example"})
            CHECK(told(address, origin) == Detail::full);
    }
    CHECK(told("93.184.216.34:443", "https://app.example.com") == Detail::full);
    settings.detail = Detail::off;
    CHECK(told("127.0.0.1:22", "https://evil.example") == Detail::off);
    settings.detail = Detail::full;
    attempt.parent = "proxy.corp:3128";
    CHECK(told("93.184.216.34:443", "https://app.example.com") == Detail::brief);
    attempt.parent.clear();
    attempt.client_certificate.emplace();
    CHECK(told("93.184.216.34:443", "https://app.example.com") == Detail::brief);
}

namespace {

inspect::http::RequestHead preflight(std::string_view origin) {
    inspect::http::RequestHead request;
    request.method = "OPTIONS";
    request.fields.add("Origin", origin);
    request.fields.add("Access-Control-Request-Method", "PUT");
    request.fields.add("Access-Control-Request-Headers", "content-type, x-api");
    request.fields.add("Content-Type", "application/grpc-web");
    return request;
}

}  // namespace

TEST_CASE("a failed server's preflight is answered with a failure that allows nothing, whoever asks") {
    for (const auto* origin : {"https://evil.example", "null", "http://localhost:3000", "https://front.example"}) {
        for (const bool allowed : {false, true}) {
            const Answer made = proxy::diagnostic_answer(refused(), preflight(origin), {.allowed = allowed});
            CHECK(made.head.status == 502);
            for (const auto& [name, value] : made.head.fields) {
                INFO(name);
                CHECK_FALSE(name.starts_with("Access-Control-"));
            }
        }
    }
}

TEST_CASE("a page may read the answer and no more; the cookies of its user are for pages that --allow-origin names") {
    inspect::http::RequestHead request;
    request.method = "PUT";
    request.fields.add("Origin", "https://front.example");
    for (const bool allowed : {false, true}) {
        const Answer made = proxy::diagnostic_answer(refused(), request, {.allowed = allowed});
        CHECK(field(made, "Access-Control-Allow-Origin") == "https://front.example");
        CHECK(field(made, "Access-Control-Allow-Credentials") == (allowed ? "true" : ""));
        CHECK(field(made, "Access-Control-Allow-Methods").empty());
        CHECK(field(made, "Access-Control-Allow-Headers").empty());
        CHECK(field(made, "Cache-Control") == "no-store");
    }
    request.fields.add("Origin", "https://evil.example");
    CHECK(field(proxy::diagnostic_answer(refused(), request, {}), "Access-Control-Allow-Origin").empty());
}

TEST_CASE("a permission holds for one request: no browser keeps it") {
    const Answer made = proxy::permission(preflight("https://front.example"));
    CHECK(made.head.status == 204);
    CHECK(field(made, "Access-Control-Allow-Methods") == "PUT");
    CHECK(field(made, "Access-Control-Allow-Headers") == "content-type,x-api");
    CHECK(field(made, "Access-Control-Max-Age") == "0");
}

TEST_CASE("the reason phrase has the cause, in ASCII; a fixed one for foreign pages, none with --detail off") {
    CHECK(ask("Accept", "*/*").head.reason ==
          "connection_refused: api.example.com:443 refused the connection at 203.0.113.7:443");
    CHECK(ask("Accept", "*/*", Detail::brief).head.reason == "connection_refused: the server refused the connection");
    CHECK(ask("Accept", "*/*", Detail::off).head.reason == "Bad Gateway");
    inspect::http::RequestHead request;
    CHECK(proxy::diagnostic_answer(refused(), request, {.foreign = true}).head.reason ==
          "connection_refused: the server refused the connection");
    CHECK(ask("Content-Type", "application/grpc").head.reason == "OK");
}

TEST_CASE("--detail brief tells title and code in every form, off neither") {
    for (const std::string_view accept : {"text/html", "application/json", "text/plain"}) {
        INFO(accept);
        const std::string brief = ask("Accept", accept, Detail::brief).body,
                          off = ask("Accept", accept, Detail::off).body;
        CHECK(brief.find("connection_refused") != std::string::npos);
        CHECK(brief.find("What to do") == std::string::npos);
        CHECK(off.find("connection_refused") == std::string::npos);
        CHECK(off.find("api.example.com") == std::string::npos);
        CHECK(off.find("Bad Gateway") != std::string::npos);
    }
    CHECK(field(ask("Content-Type", "application/grpc", Detail::off), "grpc-message") == "Bad Gateway");
}
