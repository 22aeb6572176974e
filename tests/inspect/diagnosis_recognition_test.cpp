#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/known/providers.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using namespace std::string_view_literals;

namespace {

std::string_view provider_of(const std::string& name, const std::string& subject = "CN=x",
                             const std::string& issuer = "CN=y") {
    certs::Description leaf;
    leaf.names = {"DNS:" + name};
    leaf.subject = subject;
    leaf.issuer = issuer;
    const Provider* provider = recognise(leaf);
    return provider == nullptr ? std::string_view() : provider->title;
}

}  // namespace

TEST_CASE("providers are recognised by their default certificates") {
    CHECK(provider_of("*.cloudfront.net") == "Amazon CloudFront");
    CHECK(provider_of("*.herokuapp.com") == "Heroku");
    CHECK(provider_of("*.GitHub.io") == "GitHub Pages");
    CHECK(provider_of("*.execute-api.eu-west-1.amazonaws.com") == "Amazon API Gateway");
    CHECK(provider_of("*.s3.us-east-2.amazonaws.com") == "Amazon S3");
    CHECK(provider_of("*.azurewebsites.net") == "Azure App Service");
    const std::string fake = "CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co",
                      traefik = "CN=TRAEFIK DEFAULT CERT";
    CHECK(provider_of("ingress.local", fake, fake) == "the Kubernetes ingress controller's placeholder");
    CHECK(provider_of("abc.traefik.default", traefik, traefik) == "Traefik's default certificate");
    CHECK(provider_of("api.example.com", "CN=x", "CN=Zscaler Intermediate Root CA,O=Zscaler Inc.") == "Zscaler");
    CHECK(provider_of("api.example.com", "CN=x", "CN=mitmproxy,O=mitmproxy") == "mitmproxy");
    CHECK(provider_of("api.example.com").empty());
    CHECK(provider_of("notcloudfront.net").empty());
}

TEST_CASE("every provider's fix is a sentence, and names the host where it says so") {
    for (const auto& provider : providers()) {
        INFO(provider.title << " " << provider.pattern);
        const Fix fix = fix_of(provider, "api.example.com");
        CHECK(fix.text.ends_with('.'));
        CHECK(fix.text.find("{host}") == std::string::npos);
        CHECK(fix.command.find("{host}") == std::string::npos);
        CHECK(fix.text.size() > 30);
        if (!fix.command.empty()) CHECK(fix_of(provider, "$(id)").command.find(" $(id)") == std::string::npos);
    }
}

TEST_CASE("a TLS inspection product leads the fixes of an untrusted chain") {
    const auto root = tests::Forge::root("Zscaler Root CA").self_signed();
    const auto ca = tests::Forge::intermediate("Zscaler Intermediate Root CA (zscaler.net)").signed_by(root);
    const auto other = tests::Forge::root("Another Root").self_signed();
    const Diagnosis diagnosis = explain(
        tests::judged(tests::attempt_at(), {tests::Forge::leaf("api.example.com").signed_by(ca), ca, root}, other));
    CHECK(diagnosis.code == Code::untrusted_root);
    CHECK(diagnosis.provider == "Zscaler");
    CHECK(diagnosis.problems.front().fixes.front().actor == Actor::network);
    CHECK(std::ranges::any_of(diagnosis.problems,
                              [](const auto& problem) { return problem.code == Code::inspected_by_middlebox; }));
}

TEST_CASE("what answered instead of TLS is named from its first bytes") {
    const auto protocol = [](std::string_view bytes, std::uint16_t port = 443) {
        return recognise_first_bytes(bytes, port).protocol;
    };
    CHECK(protocol("HTTP/1.1 400 Bad Request\r\n") == "HTTP");
    CHECK(protocol("SSH-2.0-OpenSSH_9.2p1\r\n") == "SSH");
    CHECK(protocol("220 mail.example.com ESMTP Postfix\r\n", 25) == "SMTP");
    CHECK(protocol("220 (vsFTPd 3.0.3)\r\n", 21) == "FTP");
    CHECK(protocol("220 ready\r\n", 21) == "FTP");
    CHECK(protocol("220 ready\r\n", 587) == "SMTP");
    CHECK(protocol("* OK [CAPABILITY IMAP4rev1]\r\n") == "IMAP");
    CHECK(protocol("+OK POP3 ready\r\n") == "POP3");
    CHECK(protocol("220 mail.example.com LMTP ready\r\n") == "LMTP");
    CHECK(protocol("201 news.example.com InterNetNews NNRP server INN 2.7.1 ready (no posting)\r\n") == "NNTP");
    CHECK(protocol("200 news.example.com NNTP Service Ready\r\n") == "NNTP");
    CHECK(protocol("\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n") == "ManageSieve");
    CHECK(protocol("-ERR Protocol error\r\n") == "Redis");
    CHECK(protocol("E\0\0\0\x8eSFATAL\0VFATAL\0"sv) == "PostgreSQL");
    CHECK(protocol("\x4a\0\0\0\x0a"
                   "8.0.36\0"sv) == "MySQL");
    CHECK(protocol("\0\0\x12\4\0\0\0\0\0"sv) == "HTTP/2 without TLS");
    CHECK(protocol("").empty());
    CHECK(protocol("hello").empty());
    for (std::size_t size = 0; size < 12; ++size)
        recognise_first_bytes(std::string_view("\x4a\0\0\0\x0a"
                                               "8.0.36\0"sv)
                                  .substr(0, size),
                              3306);
    CHECK(show_first_bytes("HTTP/1.1 400 Bad Request\r\nServer: x") == "HTTP/1.1 400 Bad Request");
    CHECK(show_first_bytes("\x15\x03"sv) == "15 03");
}

TEST_CASE("a command for another port takes the address of --resolve along, and not the port that was given with it") {
    const auto command = [](const char* resolve) {
        Attempt attempt = tests::attempt_at("mail.example.com", 25);
        attempt.check = true;
        attempt.starttls = inspect::starttls::Protocol::smtp;
        attempt.given = {{"--resolve", resolve}};
        attempt.failure = StartTlsFailure{StartTlsFailure::Kind::not_offered, "250 HELP"};
        return explain(attempt).problems.front().fixes.back().command;
    };
    CHECK(command("mail.example.com:25:127.0.0.1:2525") ==
          "whytls check mail.example.com:465 --resolve mail.example.com:465:127.0.0.1");
    CHECK(command("MAIL.example.com:25:[::1]:2525,::1,192.0.2.1") ==
          "whytls check mail.example.com:465 --resolve 'MAIL.example.com:465:[::1],::1,192.0.2.1'");
    CHECK(command("*:25:127.0.0.1").ends_with("--resolve '*:25:127.0.0.1'"));
    CHECK(command("other.test:25:127.0.0.1").ends_with("--resolve other.test:25:127.0.0.1"));
}

TEST_CASE("a STARTTLS protocol is answered with the command that speaks it") {
    auto attempt = tests::handshake_failed(tls::FailureKind::not_tls, tls::Milestone::client_hello, -1,
                                           "220 mail.example.com ESMTP\r\n");
    attempt.port = 587;
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.title == "api.example.com:587 speaks SMTP, not TLS");
    CHECK(diagnosis.problems.front().fixes.front().command == "whytls check --starttls smtp api.example.com:587");
}
