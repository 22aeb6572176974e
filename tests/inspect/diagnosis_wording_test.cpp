// Sentences that once misled a newcomer: what a reader was given by hand is named as such, and
// commands go where whytls went.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using inspect::http::MessageError;
using inspect::report::sentence;
using tests::Forge;

namespace {

const tests::Forged& root() {
    static const tests::Forged forged = Forge::root("Root").self_signed();
    return forged;
}

// good.test:19504, sent to 127.0.0.1 by --resolve.
Attempt resolved(Attempt attempt) {
    attempt.host = attempt.sni = "good.test";
    attempt.port = 19504;
    attempt.address_option = "--resolve";
    attempt.timings.dns.reset();
    for (auto& tried : attempt.addresses) tried.address = "127.0.0.1:19504";
    return attempt;
}

Attempt dated(const std::string& host, double from, double until, bool time_given) {
    Attempt attempt = tests::attempt_at(host);
    attempt.time_given = time_given;
    const auto leaf = Forge::leaf("good.test")
                          .names({tests::dns("good.test")})
                          .dates(tests::days_later(from), tests::days_later(until));
    return tests::judged(attempt, {leaf.signed_by(root())}, root());
}

const Problem& problem_in(const Diagnosis& diagnosis, Code code) {
    const auto found = std::ranges::find(diagnosis.problems, code, &Problem::code);
    REQUIRE(found != diagnosis.problems.end());
    return *found;
}

std::string all_fixes(const Problem& problem) {
    std::string text;
    for (const auto& fix : problem.fixes) text += fix.text + "\n" + fix.command + "\n";
    return text;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("an address given by --resolve is where commands connect to, and DNS is not spoken of") {
    for (const auto& one : tests::all_cases()) {
        if (one.code.starts_with("dns_") || one.code == Code::proxy_loop || one.code == Code::request_rejected ||
            one.code == Code::cross_site_request || one.code == Code::proxy_authentication_required)
            continue;
        Attempt attempt = resolved(one.attempt);
        const Diagnosis diagnosis = explain(attempt);
        INFO(one.code);
        CHECK(diagnosis.steps.front().summary == "given by --resolve");
        for (const auto& problem : diagnosis.problems) {
            if (diagnosis.provider.empty()) CHECK_FALSE(has(all_fixes(problem), "DNS"));
            for (const auto& fix : problem.fixes) {
                INFO(fix.command);
                if (has(fix.command, "s_client")) CHECK(has(fix.command, "-connect 127.0.0.1:19504"));
                // A command that goes through whytls gets there by whytls's own --resolve.
                if (has(fix.command, "curl") && has(fix.command, "good.test:19504/") && !has(fix.command, " -x "))
                    CHECK(has(fix.command, "--connect-to good.test:19504:127.0.0.1:19504"));
            }
        }
    }
    const Diagnosis mismatch = explain(resolved(tests::cloudfront()));
    CHECK(has(all_fixes(mismatch.problems.front()), "Check your --resolve"));
    CHECK(has(all_fixes(mismatch.problems.front()), "-connect 127.0.0.1:19504 -servername good.test"));
}

TEST_CASE("commands keep the port that was asked for") {
    Attempt attempt = tests::handshake_failed(tls::FailureKind::not_tls, tls::Milestone::client_hello, -1,
                                              "HTTP/1.1 400 Bad Request\r\n\r\n");
    attempt.port = 8443;
    CHECK(has(all_fixes(explain(attempt).problems.front()), "http://api.example.com:8443/"));
    attempt.host = "2001:db8::7";
    CHECK(has(all_fixes(explain(attempt).problems.front()), "http://[2001:db8::7]:8443/"));
}

TEST_CASE("a time given by --at is named as such, and this machine's clock is not blamed") {
    const Diagnosis expired = explain(dated("good.test", -93, -3, true)),
                    early = explain(dated("good.test", 540, 600, true)),
                    soon = explain(dated("good.test", -88, 2, true));
    CHECK(expired.title ==
          "the certificate expired at 2026-05-29 12:00:00 UTC, 3 days before 2026-06-01 12:00:00 UTC (set by --at)");
    CHECK(
        early.title ==
        "the certificate is valid only from 2027-11-23 12:00:00 UTC, 540 days after 2026-06-01 12:00:00 UTC (set by --at)");
    CHECK(soon.title ==
          "the certificate expires at 2026-06-03 12:00:00 UTC, 2 days after 2026-06-01 12:00:00 UTC (set by --at)");
    for (const auto& diagnosis : {expired, early, soon}) {
        CHECK_FALSE(has(all_fixes(diagnosis.problems.front()), "clock"));
        CHECK_FALSE(has(diagnosis.detail, "clock"));
    }
    CHECK(has(early.problems.front().fixes.front().text, "Leave --at away"));
    CHECK_FALSE(has(all_fixes(early.problems.front()), "Wait"));
    const Diagnosis now = explain(dated("good.test", 540, 600, false));
    CHECK(now.title ==
          "the certificate is valid only from 2027-11-23 12:00:00 UTC, in 540 days; it is now 2026-06-01 12:00:00 UTC");
    CHECK(has(all_fixes(now.problems.front()), "Check this machine's clock"));
}

TEST_CASE("an alert or bytes that came back do not count as nothing") {
    for (const auto& attempt :
         {tests::handshake_failed(tls::FailureKind::alert, tls::Milestone::client_hello, 40),
          tests::handshake_failed(tls::FailureKind::not_tls, tls::Milestone::client_hello, -1, "SSH-2.0-x\r\n")}) {
        const std::string page = inspect::report::text(explain(attempt));
        CHECK(has(page, "no ServerHello came back"));
        CHECK_FALSE(has(page, "nothing came back"));
    }
}

TEST_CASE("a certificate reached by address is renewed under its own name") {
    const Diagnosis diagnosis = explain(dated("127.0.0.1", -93, -3, false));
    CHECK(has(all_fixes(problem_in(diagnosis, Code::expired)), "Renew the certificate of good.test"));
}

TEST_CASE("a root to be trusted is not confused with the CA of whytls") {
    for (const auto& one : tests::all_cases()) {
        if (one.code != Code::untrusted_root && one.code != Code::unknown_issuer) continue;
        const std::string fixes = all_fixes(explain(one.attempt).problems.front());
        CHECK(has(fixes, "--add-trust your-root.pem"));
        CHECK_FALSE(has(fixes, " ca.pem"));
    }
}

TEST_CASE("the sentence names the host once") {
    Attempt attempt = tests::handshake_failed(tls::FailureKind::not_tls, tls::Milestone::client_hello, -1,
                                              "HTTP/1.1 400 Bad\r\n\r\n");
    attempt.port = 19506;
    CHECK(sentence(explain(attempt)) == "api.example.com:19506 speaks plain HTTP, not TLS [not_tls]");
    attempt = tests::handshake_failed(tls::FailureKind::alert, tls::Milestone::client_hello, 120);
    CHECK(sentence(explain(attempt)).starts_with("api.example.com:443 accepts none"));
}

TEST_CASE("the sentence on a client names it when known, and ends with the next step") {
    Attempt rejected;
    rejected.failure = RequestRejected{MessageError::not_http, "nonsense"};
    CHECK(sentence(explain(rejected)).starts_with("a client: the request was not passed on"));
    ClientAttempt client{
        .client = "127.0.0.1:1234", .host = "good.test", .sni = "good.test", .time = {}, .failure = {}, .ca_file = {}};
    client.failure.kind = tls::FailureKind::closed;
    const std::string hung_up = sentence(explain_client(client));
    CHECK(hung_up.starts_with("client 127.0.0.1:1234: the client hung up"));
    CHECK(has(hung_up, "; if it does not trust the local CA of whytls: run whytls ca install, or see http://why.tls/"));
    client.failure.kind = tls::FailureKind::timeout;
    CHECK_FALSE(has(sentence(explain_client(client)), "trust"));
    client.failure.kind = tls::FailureKind::alert;
    client.failure.alert_received = 48;
    CHECK(has(sentence(explain_client(client)),
              "; run whytls ca install, or see http://why.tls/ for the program's own way [client_untrusted_ca]"));
}

TEST_CASE(
    "a client that does not trust the local CA gets in one line the way of the program that it looks like, and of no other") {
    ClientAttempt client;
    client.host = "good.test";
    client.ca_file = "/home/dev/my ca.pem";
    client.install = "whytls ca install --ca-dir /home/dev";
    client.failure.kind = tls::FailureKind::alert;
    client.failure.alert_received = 48;
    const auto said_to = [&](std::string agent) {
        client.user_agent = std::move(agent);
        return sentence(explain_client(client));
    };
    CHECK(has(said_to("curl/8.5.0"),
              "; run whytls ca install --ca-dir /home/dev, or give curl --cacert '/home/dev/my ca.pem' ["));
    CHECK(has(said_to("node"), "; start Node with NODE_EXTRA_CA_CERTS='/home/dev/my ca.pem' ["));
    CHECK_FALSE(has(said_to("node"), "ca install"));  // Node reads no store
    CHECK(has(said_to("python-requests/2.31"), "REQUESTS_CA_BUNDLE="));
    client.hello.ciphers = {0x1302, 0x1303, 0x1301, 0xc02c};  // OpenSSL's order
    CHECK(has(said_to(""),
              "or start an OpenSSL client (curl, Python, Ruby …) with SSL_CERT_FILE='/home/dev/my ca.pem' ["));
    CHECK_FALSE(has(said_to(""), "--cacert"));
}

TEST_CASE(
    "a refusal in HTTP alone is said to be about the client certificate that the server asked for, and of nothing else") {
    Attempt attempt = tests::attempt_at();
    tls::Handshake handshake;
    handshake.certificate_requested = true;
    handshake.certificate_request = tls::CertificateRequest{};
    handshake.certificate_request->authorities = {"CN=Client Root,O=Example"};
    handshake.certificate_request->authorities_total = 1;
    attempt.handshake = handshake;
    CHECK(
        certificate_remark(attempt, 400) ==
        "api.example.com:443 answered 400, perhaps because it asked for a client certificate, and none was sent; it takes those from "
        "\"Client Root\"; give it one: --client-cert FILE --client-key FILE");
    for (const int status : {401, 403, 495, 496}) CHECK_FALSE(certificate_remark(attempt, status).empty());
    for (const int status : {200, 302, 404, 500}) CHECK(certificate_remark(attempt, status).empty());
    attempt.handshake->certificate_sent = true;
    CHECK(certificate_remark(attempt, 400).empty());
    attempt.handshake->certificate_requested = attempt.handshake->certificate_sent = false;
    CHECK(certificate_remark(attempt, 400).empty());
    attempt.handshake.reset();
    CHECK(certificate_remark(attempt, 400).empty());
}

TEST_CASE("a page that refuses is said to be about the client certificate that was sent, an API's own refusal is not") {
    Attempt attempt = tests::attempt_at();
    tls::Handshake handshake;
    handshake.certificate_requested = handshake.certificate_sent = true;
    attempt.handshake = handshake;
    certs::Description own;
    own.subject = "CN=client";
    own.issuer = "CN=Other CA,O=Example";
    attempt.client_certificate = ClientCertificate{.description = own, .file = "client.pem", .purposes = {}};
    CHECK(
        certificate_remark(attempt, 400, true) ==
        "api.example.com:443 answered 400, perhaps because it does not accept the client certificate that was sent: \"client\", issued by "
        "\"Other CA\" (client.pem)");
    CHECK(certificate_remark(attempt, 400, false).empty());
    CHECK(certificate_remark(attempt, 200, true).empty());
}

TEST_CASE("nothing is said of a handshake that did not begin") {
    const auto rows = [](Failure failure, ConnectOutcome outcome) {
        Attempt attempt = tests::attempt_at();
        attempt.addresses = {{"203.0.113.7:443", outcome, ""}};
        attempt.failure = std::move(failure);
        attempt.canonical_name = "d111.cloudfront.net";
        std::string labels;
        for (const EvidenceRow& row : connection_rows(explain(attempt))) labels += row.label + "; ";
        return labels;
    };
    for (const std::string& labels :
         {rows(DnsFailure{true, ""}, ConnectOutcome::other), rows(ConnectFailure{}, ConnectOutcome::refused),
          rows(ConnectFailure{}, ConnectOutcome::timed_out), rows(StartTlsFailure{}, ConnectOutcome::connected)}) {
        INFO(labels);
        for (const auto* row : {"SNI sent", "ALPN", "trust store", "who answered"}) CHECK_FALSE(has(labels, row));
        CHECK(has(labels, "DNS leads to"));
    }
    const std::string begun = rows(tls::HandshakeFailure{}, ConnectOutcome::connected);
    for (const auto* row : {"SNI sent", "ALPN", "trust store", "who answered"}) CHECK(has(begun, row));
}

TEST_CASE("what is superfluous in a chain is named by position and subject") {
    const auto all = tests::all_cases();
    const auto one = std::ranges::find(all, "extra_certificates", &tests::Case::code);
    const Problem problem = explain(one->attempt).problems.front();
    CHECK(problem.title == "of the 3 certificates sent one is not needed: number 3 \"Another CA\"");
    CHECK(problem.evidence.back().values == std::vector<std::string>{"number 3, CN=Another CA"});
    CHECK(headline(problem.title).starts_with("Of the 3 certificates"));
}

TEST_CASE("a certificate that was sent twice is told as the copy that it is") {
    const tests::Forged root = tests::Forge::root("Root").self_signed(),
                        ca = tests::Forge::intermediate("CA").signed_by(root);
    const tests::Forged leaf = tests::Forge::leaf("api.example.com").signed_by(ca);
    const auto told = [&](const std::vector<tests::Forged>& served) {
        return explain(tests::judged(tests::attempt_at(), served, root)).problems.front();
    };
    const Problem twice = told({leaf, leaf, ca});
    CHECK(twice.title ==
          "of the 3 certificates sent one is not needed: number 2 \"api.example.com\", a copy of number 1");
    CHECK(twice.evidence.back().values == std::vector<std::string>{"number 2, CN=api.example.com, a copy of number 1"});
    CHECK(told({leaf, ca, ca}).title.ends_with("number 3 \"CA\", a copy of number 2"));
    const tests::Forged stranger = tests::Forge::intermediate("Stranger").signed_by(root);
    CHECK_FALSE(told({leaf, ca, stranger}).title.contains("copy"));
}

TEST_CASE(
    "a broken rule of the profile is told with field, value and section; of a private CA's chain all are one line") {
    certs::Finding serial{certs::Code::profile_violation, certs::Severity::notice, 0,
                          certs::RuleEvidence{"serialNumber", "0", "a positive number of at most 20 bytes"},
                          "RFC 5280 §4.1.2.2"};
    Attempt attempt = tests::found(serial);
    const Problem alone = explain(attempt).problems.front();
    CHECK(alone.title == "the certificate breaks RFC 5280 §4.1.2.2: serialNumber is 0");
    CHECK(has(alone.detail, "a positive number of at most 20 bytes"));
    certs::Finding usage{certs::Code::profile_violation, certs::Severity::notice, 1,
                         certs::RuleEvidence{"keyUsage", "empty", "present in a CA's certificate"},
                         "RFC 5280 §4.2.1.3"};
    attempt.verdict->problems.push_back(usage);
    const auto codes = [&] {
        std::vector<std::string_view> result;
        for (const auto& problem : explain(attempt).problems)
            if (problem.code == Code::profile_violation) result.push_back(problem.title);
        return result.size();
    };
    CHECK(codes() == 1);
    const Problem folded = explain(attempt).problems.front();
    CHECK(folded.title ==
          "the chain breaks 2 rules that no client is known to enforce, about serialNumber and keyUsage");
    REQUIRE(folded.evidence.size() == 2);
    CHECK(folded.evidence[1].label == "RFC 5280 §4.2.1.3");
    CHECK(has(folded.evidence[1].value, "keyUsage is empty"));
    attempt.root_of_system = true;  // a public CA has to keep them
    CHECK(codes() == 2);
    attempt.root_of_system = false;
    for (auto& finding : attempt.verdict->problems) finding.severity = certs::Severity::error;  // --profile strict
    CHECK(codes() == 2);
}

TEST_CASE("every detail begins with a capital") {
    auto cases = tests::all_cases();
    cases.push_back({"", tests::plain_http({HttpFailure::Kind::closed, std::nullopt, ""})});
    cases.push_back({"", tests::plain_http({HttpFailure::Kind::not_http, std::nullopt, "x"})});
    for (const auto& one : cases)
        for (const auto& problem : explain(one.attempt).problems) {
            INFO(problem.detail);
            CHECK((problem.detail.front() < 'a' || problem.detail.front() > 'z'));
        }
}

TEST_CASE("what --insecure lets through is said to be so, with the status of a success") {
    Attempt attempt = tests::cloudfront();
    attempt.failure = std::monostate{};
    attempt.let_through = true;
    Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.status == 200);
    CHECK(has(sentence(diagnosis), "; let through by --insecure [hostname_mismatch]"));
    attempt.failure = HttpFailure{HttpFailure::Kind::timed_out, std::nullopt, ""};
    diagnosis = explain(attempt);
    CHECK(diagnosis.status == 504);
    CHECK_FALSE(has(sentence(diagnosis), "--insecure"));
}

TEST_CASE("timings are rounded to microseconds, and an address has no DNS time") {
    Attempt attempt = tests::attempt_at("127.0.0.1");
    attempt.timings = {0.001, 1.23456789, 2.0};
    const auto timings = nlohmann::json::parse(inspect::report::json(explain(attempt)))["timing_ms"];
    CHECK_FALSE(timings.contains("dns"));
    CHECK(timings["connect"].dump() == "1.235");
}

TEST_CASE("a NUL in a name is seen, is no misspelling, and no certificate is asked for with it") {
    using namespace std::string_literals;
    const auto told = [](const std::string& name, const std::string& host, const char* subject = "") {
        auto attempt = tests::attempt_at(host);
        if (host.empty()) attempt.verified_file.emplace();
        const auto named =
            tests::Forge::leaf("x").subject(subject[0] == 0 ? tests::name({}) : tests::common_name(subject));
        const auto leaf = tests::Forge(named)
                              .names({tests::dns(name)})
                              .dates(tests::days_later(-90), tests::days_later(-3))
                              .self_signed();
        const Diagnosis found = explain(tests::judged(attempt, {leaf}, tests::Forge::root("Root").self_signed()));
        return inspect::report::text(found, inspect::report::Detail::full);
    };
    const std::string nul = "localhost\0h"s;
    for (const char* const host : {"", "v.example", "localhost.h"}) {
        const std::string text = told(nul, host);
        INFO(text);
        CHECK(text.contains("localhost\\0h"));
        CHECK_FALSE(text.contains("localhost?h"));
        CHECK_FALSE(text.contains("misspelling"));
        CHECK_FALSE(text.contains("\xef\xbf\xbd"));  // the replacement for a byte that cannot be shown
    }
    CHECK(told(nul, "", "www.example.com").contains("certbot certonly -d www.example.com"));
    CHECK(told("", "v.example").contains("an empty name"));
}

TEST_CASE(
    "a certificate whose only name for a host is its common name was made for that host, and no other server is suspected") {
    const tests::Forged root = tests::Forge::root("Root").self_signed();
    tests::Forge forge = tests::Forge::leaf("api.example.com");
    Attempt attempt =
        tests::judged(tests::attempt_at(), {forge.names({tests::email("ops@example.com")}).signed_by(root)}, root);
    attempt.address_option = "--resolve";
    const Problem problem = explain(attempt).problems.front();
    CHECK(problem.code == Code::hostname_mismatch);
    CHECK(problem.detail.starts_with(
        "Its common name is the host's, but host names are looked for only in the subject alternative names"));
    CHECK(problem.fixes.front().text.contains("among its subject alternative names too"));
    for (const Fix& fix : problem.fixes) CHECK_FALSE(fix.text.contains("--resolve"));
    forge.names({tests::email("ops@example.com"), tests::dns("other.example.com")});
    attempt = tests::judged(tests::attempt_at(), {forge.signed_by(root)}, root);
    CHECK_FALSE(explain(attempt).problems.front().detail.contains("common name"));
}
