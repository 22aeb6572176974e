#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/report/check_list.h"
#include "inspect/report/log.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/json.h"
#include "tests/support/page_elements.h"
#include "tests/support/plain_text.h"

using namespace inspect::report;
using inspect::diagnosis::Attempt;
using inspect::diagnosis::Diagnosis;
using inspect::diagnosis::explain;
using Value = nlohmann::json;

namespace {

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = text.find('\n', at);
        result.push_back(text.substr(at, end - at));
        if (end == std::string::npos) break;
        at = end + 1;
    }
    return result;
}

void check_renderings(const Diagnosis& diagnosis) {
    for (const Detail detail : {Detail::full, Detail::brief, Detail::off}) {
        const std::string plain = text(diagnosis, detail);
        CHECK(plain.ends_with('\n'));
        CHECK(tests::is_plain_text(plain));
        CHECK(plain.size() < 100'000);
        for (const auto& line : lines(plain)) {
            if (columns(line) <= 100) continue;
            FAIL_CHECK("a line has " << columns(line) << " columns: " << line);
        }
        const std::string page = html(diagnosis, detail);
        tests::PageElements elements = tests::elements_of(page);
        CHECK(elements.error == "");
        CHECK(tests::is_plain_text(page));
        CHECK(page.size() < 400'000);
        CHECK(elements.counts["script"] == 1);
        CHECK_FALSE(elements.counts.contains("img"));
        const std::string report = json(diagnosis, detail);
        CHECK(report.find('\n') == std::string::npos);
        CHECK(report.size() < 1'000'000);
        CHECK(tests::is_json(report));
    }
    const std::string said = sentence(diagnosis);
    CHECK(tests::is_plain_text(said));
    CHECK(said.size() < 1'000);
    const std::string listed = list_line(diagnosis, Standing::failed, Ink::plain);
    CHECK(listed.starts_with("FAIL "));
    CHECK(tests::is_plain_text(listed));
    CHECK(lines(listed).size() == 1);
    CHECK(listed.size() < 1'000);
    CHECK(tests::is_json(upstream_handshake_line("7", diagnosis)));
    CHECK(tests::is_json(client_handshake_line("7", diagnosis.host, diagnosis)));
}

}  // namespace

TEST_CASE("a host that is not as expected is not said to fail for a warning") {
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        if (diagnosis.outcome == inspect::diagnosis::Outcome::failed) continue;
        INFO(one.code);
        CHECK(list_line(diagnosis, Standing::failed, Ink::plain).contains("not as expected; "));
    }
}

TEST_CASE("every diagnosis is rendered within 100 columns, as balanced HTML and as JSON") {
    for (const auto& one : tests::all_cases()) {
        INFO(one.code);
        check_renderings(explain(one.attempt));
    }
}

TEST_CASE("hostile text comes out of every rendering escaped and bounded") {
    for (const auto& hostile : tests::hostile_texts()) {
        INFO(printable(hostile, 60));
        for (auto& attempt : tests::hostile_attempts(hostile)) {
            check_renderings(explain(attempt));
            attempt.verified_file = {
                .name = hostile,
                .until_breaks = true,
                .breaks =
                    certs::Break{{}, certs::Code::revoked, 1, certs::Role::intermediate, "CN=" + hostile, hostile}};
            check_renderings(explain(attempt));
        }
        inspect::diagnosis::ClientAttempt client{
            .client = hostile, .host = hostile, .sni = hostile, .time = {}, .failure = {}, .ca_file = hostile};
        client.failure.first_bytes = hostile.substr(0, 512);
        for (const auto kind : {tls::FailureKind::not_tls, tls::FailureKind::closed, tls::FailureKind::alert}) {
            client.failure.kind = kind;
            check_renderings(inspect::diagnosis::explain_client(client));
        }
    }
}

TEST_CASE("the text says the verdict, the code, the place, the statement, the evidence and what to do, in this order") {
    const std::string page = text(explain(tests::cloudfront()));
    std::size_t at = 0;
    for (const std::string_view part : {"The certificate is genuine, but it is for *.cloudfront.net",
                                        "hostname_mismatch, between whytls and api.example.com:443",
                                        "Nothing of your request was sent to the server.", "Evidence", "asked for",
                                        "What to do", "On the server: Add the host api.example.com", "Steps",
                                        "FAIL  hostname", "Certificates", "SHA-256", "Connection"}) {
        INFO(part);
        const auto found = page.find(part, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
}

TEST_CASE("nothing was sent is said whenever it is so") {
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        // A check has no request.
        if (diagnosis.outcome != inspect::diagnosis::Outcome::failed || diagnosis.check) continue;
        INFO(one.code);
        for (const auto& rendering : {text(diagnosis), html(diagnosis), json(diagnosis)})
            CHECK((rendering.find("Nothing of your request was sent to the server.") != std::string::npos) ==
                  diagnosis.nothing_sent);
    }
}

TEST_CASE("the report has the contract's members") {
    const Value report = Value::parse(json(explain(tests::cloudfront())));
    CHECK(report["report"] == 1);
    CHECK(report["type"] == "urn:whytls:hostname_mismatch");
    CHECK(report["status"] == 502);
    CHECK(report["verdict"] == "failed");
    CHECK(report["code"] == "hostname_mismatch");
    CHECK(report["leg"] == "upstream");
    CHECK(report["phase"] == "verify");
    CHECK(report["host"] == "api.example.com");
    CHECK(report["port"] == 443);
    CHECK(report["address"] == "203.0.113.7:443");
    CHECK(report["time"] == "2026-06-01T12:00:00Z");
    CHECK(report["steps"].size() == 17);
    CHECK(report["problems"][0]["code"] == "hostname_mismatch");
    CHECK(report["problems"][0]["depth"] == 0);
    CHECK(report["problems"][0]["evidence"]["asked_for"] == "api.example.com");
    CHECK(report["problems"][0]["fixes"][0]["for"] == "server");
    CHECK(report["chain"].size() == 3);
    CHECK(report["chain"][0]["from"] == "served");
    CHECK(report["chain"][2]["from"] == "trust store");
    CHECK(report["served"].size() == 2);
    CHECK(report["served"][0] == report["chain"][0]["sha256"]);
    CHECK(report["tls"]["version"] == "TLSv1.3");
    CHECK(report["tls"]["sni"] == "api.example.com");
    CHECK(report["timing_ms"]["dns"] == Approx(4.2));
    CHECK(report["provider"] == "Amazon CloudFront");
}

TEST_CASE("a report without problems has no code") {
    const auto all = tests::all_cases();
    const auto good = std::ranges::find(all, "", &tests::Case::code);
    const Value report = Value::parse(json(explain(good->attempt)));
    CHECK(report["verdict"] == "ok");
    CHECK_FALSE(report.contains("code"));
    CHECK(report["problems"].empty());
}

TEST_CASE("brief tells the code and its class, nothing of the server; off tells neither") {
    const Diagnosis diagnosis = explain(tests::cloudfront());
    for (const auto& rendering :
         {text(diagnosis, Detail::brief), html(diagnosis, Detail::brief), json(diagnosis, Detail::brief)}) {
        CHECK(rendering.find("hostname_mismatch") != std::string::npos);
        CHECK(rendering.find("The certificate is not for this host") != std::string::npos);
        for (const auto* particular : {"cloudfront", "Test CA", "203.0.113.7", "example.com"})
            CHECK(rendering.find(particular) == std::string::npos);
    }
    for (const auto& rendering :
         {text(diagnosis, Detail::off), html(diagnosis, Detail::off), json(diagnosis, Detail::off)}) {
        CHECK(rendering.find("hostname_mismatch") == std::string::npos);
        CHECK(rendering.find("cloudfront") == std::string::npos);
        CHECK(rendering.find("Bad Gateway") != std::string::npos);
    }
}

TEST_CASE("the form of the answer follows Accept") {
    CHECK(negotiate("") == Format::text);
    CHECK(negotiate("*/*") == Format::text);
    CHECK(negotiate("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") == Format::html);
    CHECK(negotiate("application/json") == Format::problem_json);
    CHECK(negotiate("application/json, text/plain, */*") == Format::problem_json);
    CHECK(negotiate("application/problem+json") == Format::problem_json);
    CHECK(negotiate("text/html;q=0.5, application/json;q=0.9") == Format::problem_json);
    CHECK(negotiate("text/html;q=0") == Format::text);
    CHECK(negotiate("TEXT/HTML") == Format::html);
    CHECK(negotiate("image/png") == Format::text);
    CHECK(negotiate("*/*, text/html") == Format::html);
    CHECK(negotiate(",;,q=,text/html;q=x,") == Format::html);
    for (const auto& hostile : tests::hostile_texts()) negotiate(hostile);
    CHECK(media_type(Format::problem_json).starts_with("application/problem+json"));
}

TEST_CASE("Proxy-Status names an error type of RFC 9209 and the code, for every code") {
    constexpr std::string_view types[] = {"dns_error",
                                          "connection_refused",
                                          "connection_timeout",
                                          "destination_ip_unroutable",
                                          "destination_unavailable",
                                          "connection_terminated",
                                          "tls_protocol_error",
                                          "tls_certificate_error",
                                          "tls_alert_received",
                                          "http_protocol_error",
                                          "http_response_incomplete",
                                          "http_response_timeout",
                                          "http_request_error",
                                          "http_request_denied",
                                          "proxy_loop_detected",
                                          "proxy_internal_error"};
    for (const auto& one : tests::all_cases()) {
        const std::string value = proxy_status(explain(one.attempt));
        if (explain(one.attempt).code == inspect::diagnosis::Code::none) {
            CHECK(value == "whytls");
            continue;
        }
        INFO(value);
        CHECK(std::ranges::any_of(types, [&](std::string_view type) {
            return value == "whytls; error=" + std::string(type) + "; details=\"" +
                                std::string(name(explain(one.attempt).code)) + "\"";
        }));
    }
    CHECK(proxy_status(explain(tests::cloudfront())) ==
          "whytls; error=tls_certificate_error; details=\"hostname_mismatch\"");
}

TEST_CASE("the sentence for stderr names host, verdict and code") {
    CHECK(
        sentence(explain(tests::cloudfront())) ==
        "api.example.com:443: the certificate is genuine, but it is for *.cloudfront.net and cloudfront.net, not for api.example.com "
        "[hostname_mismatch]");
}

TEST_CASE("the text folds steps that were skipped for one reason into a line, and the JSON keeps each") {
    Attempt attempt = tests::attempt_at();
    attempt.failure = inspect::diagnosis::DnsFailure{true, "name or service not known"};
    const Diagnosis diagnosis = explain(attempt);
    const auto page = lines(text(diagnosis));
    const auto count = std::ranges::count_if(page, [](const std::string& line) { return line.starts_with("  skip "); });
    CHECK(std::ranges::count(page, "  skip  path … strength     no certificate was received") == 1);
    CHECK(count <= 4);
    CHECK(Value::parse(json(diagnosis))["steps"].size() == 17);
    Attempt refused;
    refused.failure = inspect::diagnosis::NotAuthorized{};
    CHECK(std::ranges::count(lines(text(explain(refused))),
                             "  skip  dns … strength      the request was not passed on") == 1);
    // Neighbours with reasons of their own keep their lines, and so does every step that was not
    // skipped.
    Diagnosis mixed = diagnosis;
    mixed.steps = {{"dns", certs::Status::skip, "given by --resolve", "", {}},
                   {"connect", certs::Status::skip, "another reason", "", {}},
                   {"path", certs::Status::pass, "fine", "", {}},
                   {"trust", certs::Status::pass, "fine", "", {}}};
    CHECK(text(mixed).find("dns …") == std::string::npos);
    CHECK(text(mixed).find("path …") == std::string::npos);
}

TEST_CASE("a log line carries its event, and the handshake's the whole report") {
    const Value line = Value::parse(upstream_handshake_line("f-1", explain(tests::cloudfront())));
    CHECK(line["event"] == "upstream_handshake");
    CHECK(line["id"] == "f-1");
    CHECK(line["time"] == "2026-06-01T12:00:00Z");
    CHECK(line["code"] == "hostname_mismatch");
    CHECK(line["report"] == 1);
    CHECK(line["steps"].size() == 17);

    inspect::diagnosis::ClientAttempt attempt{.client = "127.0.0.1:5000",
                                              .host = "api.example.com",
                                              .sni = "api.example.com",
                                              .time = tests::forge_time,
                                              .failure = {},
                                              .ca_file = "/ca.pem"};
    attempt.failure.kind = tls::FailureKind::alert;
    attempt.failure.alert_received = 48;
    const Value client =
        Value::parse(client_handshake_line("f-2", attempt.client, inspect::diagnosis::explain_client(attempt)));
    CHECK(client["event"] == "client_handshake");
    CHECK(client["code"] == "client_untrusted_ca");
    CHECK(client["client"] == "127.0.0.1:5000");
    CHECK(client["sni"] == "api.example.com");
    CHECK(client["fix"].get<std::string>().starts_with("Make this machine's stores trust it"));
    CHECK(client["command"] == "whytls ca install");

    CHECK(Value::parse(proxy_line(tests::forge_time, "started", "127.0.0.1:8080"))["event"] == "proxy");
}

TEST_CASE("passwords and redacted query values do not reach the log") {
    inspect::Flow line;
    line.id = "f-3";
    line.method = "GET";
    line.status = 200;
    line.url = "https://dev:s3cret@api.example.com/v1?token=abc&q=1&Token=def&empty";
    const std::string logged = request_line(line, {.names = {"token"}});
    CHECK(logged.find("s3cret") == std::string::npos);
    CHECK(logged.find("abc") == std::string::npos);
    CHECK(logged.find("def") == std::string::npos);
    CHECK(Value::parse(logged)["url"] == "https://***@api.example.com/v1?token=***&q=1&Token=***&empty");
    CHECK(Value::parse(request_line(line, {.names = {"token"}, .shown = true}))["url"] == line.url);
    line.url = "https://api.example.com/a@b?x=c@d";
    CHECK(Value::parse(request_line(line))["url"] == line.url);
}

TEST_CASE("a long command is broken so that a shell puts it together again") {
    Diagnosis diagnosis = explain(tests::cloudfront());
    const std::string word(150, 'x');
    diagnosis.problems.front().fixes = {
        {inspect::diagnosis::Actor::client, "Run it.", "echo " + word + " '" + word + "' end"}};
    std::string page = text(diagnosis);
    page = page.substr(page.find("echo"));
    page.resize(page.find("end"));
    std::string joined;
    for (std::size_t i = 0; i < page.size(); ++i) {
        if (page[i] == '\\' && page[i + 1] == '\n')
            ++i;
        else if (page[i] != '\'' && page[i] != ' ')
            joined += page[i];
    }
    CHECK(joined == "echo" + word + word);
}

TEST_CASE("every code has a title that holds for every server") {
    for (const auto& entry : inspect::diagnosis::catalog()) {
        std::string words(name(entry.code));
        std::ranges::replace(words, '_', ' ');
        INFO(entry.code << ": add it to inspect/diagnosis/class_title.cpp");
        CHECK(inspect::diagnosis::class_title(entry.code) != words);
    }
}

TEST_CASE("brief says the same of every server with the same fault") {
    std::map<std::string, std::string> said;
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        const std::string form = json(diagnosis, Detail::brief) + reason(diagnosis, Detail::brief);
        INFO(one.code);
        CHECK(said.try_emplace(std::string(name(diagnosis.code)), form).first->second == form);
    }
}

TEST_CASE("a reason phrase is the code and the title, printable ASCII of at most 120 bytes") {
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        const std::string phrase = reason(diagnosis);
        INFO(phrase);
        CHECK((diagnosis.code == inspect::diagnosis::Code::none ||
               phrase.starts_with(std::string(name(diagnosis.code)) + ": ")));
        CHECK(phrase.size() <= 120);
        CHECK(std::ranges::all_of(phrase, [](char c) { return c >= 0x20 && c < 0x7F; }));
    }
    Diagnosis hostile = explain(tests::cloudfront());
    hostile.title = "a\r\nSet-Cookie: x=1\0 \x1b[31m \u202e “q” " + std::string(400, 'x');
    CHECK(reason(hostile).size() == 120);
    CHECK(reason(hostile).find_first_of("\r\n\x1b") == std::string::npos);
    CHECK(reason(hostile, Detail::off) == "Bad Gateway");
}

TEST_CASE("colours change no character of the text") {
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        const std::string coloured =
            inspect::report::text(diagnosis, inspect::report::Detail::full, {.ink = inspect::report::Ink::colour});
        std::string stripped;
        for (std::size_t at = 0; at < coloured.size(); ++at) {
            if (coloured[at] == '\x1b')
                at = coloured.find('m', at);
            else
                stripped += coloured[at];
        }
        CHECK(stripped == inspect::report::text(diagnosis));
        CHECK(coloured != stripped);
    }
}
