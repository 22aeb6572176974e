#include <algorithm>
#include <array>
#include <set>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/advice.h"
#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

const std::vector<tests::Case>& cases() {
    static const auto all = tests::all_cases();
    return all;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    while (!text.empty()) {
        const auto space = text.find(' ');
        result.emplace_back(text.substr(0, space));
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return result;
}

}  // namespace

TEST_CASE("the catalogue has every code once, each explained") {
    std::set<Code> seen;
    for (const auto& entry : catalog()) {
        INFO(entry.code);
        CHECK(seen.insert(entry.code).second);
        CHECK(entry.explanation.size() > 40);
        CHECK_FALSE(entry.proxy_status_error.empty());
        CHECK((entry.status == 502 || entry.status == 504 || entry.status == 400 || entry.status == 403 ||
               entry.status == 407));
    }
    for (int code = 0; code <= static_cast<int>(certs::last_code); ++code)
        CHECK(name(code_of(static_cast<certs::Code>(code))) == certs::name(static_cast<certs::Code>(code)));
}

TEST_CASE("every code has a name, an explanation, a title, a fix, and something that raises it") {
    // Raised for what none of these attempts contains: a client's handshake, another clock.
    constexpr std::array elsewhere{
        Code::client_untrusted_ca,     Code::client_pinned,  Code::client_closed, Code::client_protocol_version,
        Code::client_no_shared_cipher, Code::client_not_tls, Code::clock_skew};
    for (int number = 1; number <= static_cast<int>(last_code); ++number) {
        const Code code = static_cast<Code>(number);
        INFO(number << " " << name(code));
        CHECK(code_named(name(code)) == code);
        REQUIRE(find_code(code) != nullptr);
        const Advice* advised = advice_about(code);
        REQUIRE(advised != nullptr);
        CHECK_FALSE(advised->title.empty());
        CHECK_FALSE(advised->all_fixes().empty());
        const bool raised =
            std::ranges::any_of(cases(), [&](const tests::Case& one) { return one.code == name(code); });
        CHECK(raised != (std::ranges::find(elsewhere, code) != elsewhere.end()));
    }
    CHECK_FALSE(code_named("").has_value());
    CHECK_FALSE(code_named("hostname_mismatches").has_value());
}

TEST_CASE("every kind of failure is given its code") {
    for (const auto& one : cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        INFO(one.code << ": " << diagnosis.title);
        if (one.code == Code::root_served || one.code == Code::validity_too_long)
            CHECK(
                std::ranges::any_of(diagnosis.problems, [&](const auto& problem) { return problem.code == one.code; }));
        else if (one.code == Code::profile_violation)
            CHECK(diagnosis.problems.front().code == one.code);
        else
            CHECK(diagnosis.code == one.code);
    }
}

TEST_CASE("a chain with nothing but notices is fine") {
    for (const auto& one : cases()) {
        if (one.code != Code::profile_violation) continue;
        const Diagnosis diagnosis = explain(one.attempt);
        CHECK(diagnosis.outcome == Outcome::ok);
        CHECK(diagnosis.code == Code::none);
        CHECK(diagnosis.problems.size() == 1);
    }
}

TEST_CASE("every problem has a short title, evidence, and a fix that does not turn verification off first") {
    for (const auto& one : cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        for (const auto& problem : diagnosis.problems) {
            INFO(problem.code << ": " << problem.title);
            CHECK(problem.title.size() > 15);
            CHECK(inspect::report::columns(problem.title) <= title_limit);
            CHECK(problem.title.find("…") == std::string::npos);
            CHECK(problem.title.find("{}") == std::string::npos);
            CHECK_FALSE(problem.detail.empty());
            CHECK_FALSE(problem.evidence.empty());
            REQUIRE_FALSE(problem.fixes.empty());
            for (const auto& fix : problem.fixes) {
                CHECK(fix.text.find('{') == std::string::npos);
                CHECK(fix.command.find("{host}") == std::string::npos);
                CHECK(fix.command.find("--insecure") == std::string::npos);
                CHECK((fix.text.ends_with('.') || fix.text.ends_with(';')));
            }
        }
    }
}

TEST_CASE("every report has the contract's steps, each once and in order") {
    const auto steps = words(
        "dns connect hello handshake path trust signature validity revocation issuer name_constraints policy basic_constraints key_usage "
        "critical_extensions hostname strength");
    for (const auto& one : cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        INFO(one.code);
        REQUIRE(diagnosis.steps.size() == steps.size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            CHECK(diagnosis.steps[i].step == steps[i]);
            CHECK_FALSE(diagnosis.steps[i].summary.empty());
        }
        if (diagnosis.code == Code::none || diagnosis.problems.front().step.empty()) continue;
        const auto at = std::ranges::find(steps, diagnosis.problems.front().step) - steps.begin();
        CHECK(diagnosis.steps[static_cast<std::size_t>(at)].status ==
              (diagnosis.outcome == Outcome::failed ? certs::Status::fail : certs::Status::warn));
    }
}

TEST_CASE("a connection that ends behind the ServerHello fails the handshake, not the hello") {
    for (const auto kind : {tls::FailureKind::closed, tls::FailureKind::reset, tls::FailureKind::timeout}) {
        const Diagnosis diagnosis = explain(tests::handshake_failed(kind, tls::Milestone::certificate));
        CHECK(diagnosis.steps[2].status == certs::Status::pass);
        CHECK(diagnosis.steps[3].status == certs::Status::fail);
    }
}

TEST_CASE("steps behind a connection that never came are skipped") {
    for (const auto& one : cases()) {
        if (one.code != Code::dns_not_found && one.code != Code::connection_refused) continue;
        const Diagnosis diagnosis = explain(one.attempt);
        for (std::size_t i = 2; i < diagnosis.steps.size(); ++i)
            CHECK(diagnosis.steps[i].status == certs::Status::skip);
    }
}

TEST_CASE("a certificate that fails leaves the other certificate steps answered") {
    const Diagnosis diagnosis = explain(tests::cloudfront());
    for (const auto& step : diagnosis.steps) {
        INFO(step.step << ": " << step.summary);
        if (step.step == "hostname")
            CHECK(step.status == certs::Status::fail);
        else if (step.step != "revocation" && step.step != "policy")
            CHECK(step.status == certs::Status::pass);
    }
}

TEST_CASE("the host name's page names both sides, the provider and its fix") {
    const Diagnosis diagnosis = explain(tests::cloudfront());
    CHECK(diagnosis.title ==
          "the certificate is genuine, but it is for *.cloudfront.net and cloudfront.net, not for api.example.com");
    CHECK(diagnosis.provider == "Amazon CloudFront");
    CHECK(diagnosis.status == 502);
    CHECK(diagnosis.proxy_status_error == "tls_certificate_error");
    CHECK(diagnosis.phase == Phase::verify);
    CHECK(diagnosis.nothing_sent);
    const Problem& problem = diagnosis.problems.front();
    CHECK(problem.fixes.front().actor == Actor::server);
    CHECK(problem.fixes.front().text.starts_with(
        "Add the host api.example.com to the distribution's Alternate Domain Names (CNAMEs) and attach a certificate that covers it"));
    const auto names = std::ranges::find(problem.evidence, "certificate is valid for", &EvidenceRow::label);
    REQUIRE(names != problem.evidence.end());
    CHECK(names->values == std::vector<std::string>{"*.cloudfront.net", "cloudfront.net"});
    REQUIRE(problem.labels.size() == 3);
    CHECK(problem.labels[0].relation == LabelPair::Relation::wildcard);
    CHECK(problem.labels[1].relation == LabelPair::Relation::differs);
}

TEST_CASE("a wildcard that would have to span two labels is explained as the nearest name") {
    auto attempt = tests::attempt_at("a.b.example.com");
    const auto root = tests::Forge::root("Root").self_signed();
    attempt = tests::judged(attempt, {tests::Forge::leaf("*.example.com").signed_by(root)}, root);
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::hostname_mismatch);
    CHECK(diagnosis.detail.find("a wildcard stands for exactly one label") != std::string::npos);
    CHECK(diagnosis.detail.find("stand for 2") != std::string::npos);
}

TEST_CASE("a verdict that --insecure lets through is still failed, and says that the request was sent") {
    auto attempt = tests::cloudfront();
    attempt.failure = std::monostate{};
    attempt.let_through = true;
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.outcome == Outcome::failed);
    CHECK_FALSE(diagnosis.nothing_sent);
}

TEST_CASE("a request that is refused for the size of its head is a 431, one that stops in its body a 408") {
    const auto status = [](RequestRejected rejected) {
        Attempt attempt;
        attempt.failure = std::move(rejected);
        return explain(attempt).status;
    };
    CHECK(status({inspect::http::MessageError::head_too_large, "GET / HTTP/1.1"}) == 431);
    CHECK(status({.error = {}, .first_bytes = {}, .stalled = 300}) == 408);
    CHECK(status({inspect::http::MessageError::bad_field, "GET / HTTP/1.1"}) == 400);
}

TEST_CASE("time-outs are 504, a rejected request is 400 and after the handshake something was sent") {
    for (const auto& one : cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        INFO(one.code);
        if (one.code.ends_with("_timeout")) CHECK(diagnosis.status == 504);
        if (one.code == Code::request_rejected) CHECK(diagnosis.status == 400);
        if (one.code == Code::cross_site_request) CHECK(diagnosis.status == 403);
        const bool behind = one.code.starts_with("upstream_") && one.code != Code::upstream_proxy_refused;
        if (behind) CHECK_FALSE(diagnosis.nothing_sent);
        if (diagnosis.outcome == Outcome::failed && !behind) CHECK(diagnosis.nothing_sent);
    }
}

TEST_CASE("commands quote names for the shell") {
    auto attempt = tests::cloudfront();
    attempt.host = attempt.sni = "x;rm -rf /$(id)'";
    for (const auto& problem : explain(attempt).problems)
        for (const auto& fix : problem.fixes)
            if (fix.command.find("rm -rf") != std::string::npos)
                CHECK(fix.command.find("x;rm -rf /$(id)'\\''") != std::string::npos);
    CHECK(shell_word("api.example.com") == "api.example.com");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b'c\n") == "'a b'\\''c?'");
}

TEST_CASE("client failures are told apart and say how to trust the CA") {
    ClientAttempt attempt{.client = "127.0.0.1:51234",
                          .host = "api.example.com",
                          .sni = "api.example.com",
                          .time = tests::forge_time,
                          .failure = {},
                          .ca_file = "/home/dev/.local/share/whytls/ca.pem"};
    const auto code = [&](tls::FailureKind kind, int alert) {
        attempt.failure = {};
        attempt.failure.kind = kind;
        if (alert >= 0) attempt.failure.alert_received = static_cast<std::uint8_t>(alert);
        const Diagnosis diagnosis = explain_client(attempt);
        REQUIRE(diagnosis.problems.size() == 1);
        CHECK_FALSE(diagnosis.problems.front().fixes.empty());
        CHECK(inspect::report::columns(diagnosis.title) <= title_limit);
        CHECK(diagnosis.leg == Leg::client);
        return diagnosis.code;
    };
    using enum tls::FailureKind;
    for (const int refusal : {42, 43, 44, 45, 46, 48, 49}) CHECK(code(alert, refusal) == "client_untrusted_ca");
    CHECK(code(alert, 70) == "client_protocol_version");
    CHECK(code(version, -1) == "client_protocol_version");
    CHECK(code(alert, 40) == "client_no_shared_cipher");
    CHECK(code(cipher, -1) == "client_no_shared_cipher");
    CHECK(code(not_tls, -1) == "client_not_tls");
    CHECK(code(closed, -1) == "client_closed");
    CHECK(code(reset, -1) == "client_closed");
    CHECK(code(timeout, -1) == "client_closed");
    CHECK(code(alert, 80) == "client_closed");

    attempt.failure.alert_received = 48;
    attempt.failure.kind = alert;
    const auto fixes = explain_client(attempt).problems.front().fixes;
    for (const std::string_view client : {"curl", "Postman", "Node", "Python", "Java", "Firefox"}) {
        INFO(client);
        CHECK(std::ranges::any_of(fixes, [&](const Fix& fix) { return fix.text.find(client) != std::string::npos; }));
    }
}

TEST_CASE("words are bounded by characters, never inside one") {
    CHECK(shorten("abcdef", 6) == "abcdef");
    CHECK(shorten("abcdefg", 6) == "abcde…");
    CHECK(shorten("ééééééé", 3) == "éé…");
    CHECK(inspect::report::columns(shorten(std::string(65'536, 'x'), 120)) == 120);
    CHECK(listed({"a", "b"}, 5) == "a and b");
    CHECK(listed({"a", "b", "c"}, 2, 10) == "a, b and 8 more");
    CHECK(span_of_time(3 * 86'400) == "3 days");
    CHECK(span_of_time(-90 * 60) == "90 minutes");
    CHECK(short_name("CN=R11,O=Let's Encrypt,C=US") == "R11");
    CHECK(short_name("O=A\\, Inc.,C=US") == "A, Inc.");
    CHECK(url_of("api.example.com", 443) == "https://api.example.com/");
    CHECK(url_of("::1", 8443) == "https://[::1]:8443/");
}
