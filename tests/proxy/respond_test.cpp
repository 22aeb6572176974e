// The answer in the form that the client asks for, and how much of it --detail lets out.
#include "proxy/respond.h"

#include "inspect/report/grpc.h"
#include "inspect/report/page.h"
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
    return proxy::diagnostic_answer(refused(), request, detail);
}

std::string field(const Answer& answer, std::string_view name) {
    const std::string* value = answer.head.fields.find(name);
    return value == nullptr ? "" : *value;
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
        return detail_for(settings, attempt, request);
    };
    for (const char* address : {"127.0.0.1:22", "10.0.0.5:6379", "[::1]:22", "[fd00::1]:443"}) {
        INFO(address);
        for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example", "http://10.0.0.5", "nonsense"})
            CHECK(told(address, origin) == Detail::brief);
        for (const char* origin :
             {"", "http://localhost:3000", "https://app.localhost", "http://127.0.0.1:5173", "http://[::1]:5173", "https://front.example"})
            CHECK(told(address, origin) == Detail::full);
    }
    CHECK(told("93.184.216.34:443", "https://app.example.com") == Detail::full);
    settings.detail = Detail::off;
    CHECK(told("127.0.0.1:22", "https://evil.example") == Detail::off);
    settings.detail = Detail::full;
    attempt.parent = "proxy.corp:3128";
    CHECK(told("93.184.216.34:443", "https://app.example.com") == Detail::brief);
}

TEST_CASE("--detail brief tells title and code in every form, off neither") {
    for (const std::string_view accept : {"text/html", "application/json", "text/plain"}) {
        INFO(accept);
        const std::string brief = ask("Accept", accept, Detail::brief).body, off = ask("Accept", accept, Detail::off).body;
        CHECK(brief.find("connection_refused") != std::string::npos);
        CHECK(brief.find("What to do") == std::string::npos);
        CHECK(off.find("connection_refused") == std::string::npos);
        CHECK(off.find("api.example.com") == std::string::npos);
        CHECK(off.find("Bad Gateway") != std::string::npos);
    }
    CHECK(field(ask("Content-Type", "application/grpc", Detail::off), "grpc-message") == "Bad Gateway");
}
