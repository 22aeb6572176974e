#include "inspect/diagnosis/known/client_kind.h"

#include "inspect/diagnosis/explain/client_failure.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

TEST_CASE("a client is recognised by its User-Agent before its ClientHello") {
    tls::ClientHello grease;
    grease.ciphers = {0x1a1a, 0x1301, 0x1302, 0x1303};
    CHECK(recognise_client("curl/7.88.1", grease) == ClientKind::curl);
    CHECK(recognise_client("Wget/1.21.3", {}) == ClientKind::wget);
    CHECK(recognise_client("git/2.39.5", {}) == ClientKind::git);
    CHECK(recognise_client("PostmanRuntime/7.39.0", {}) == ClientKind::postman);
    CHECK(recognise_client("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", {}) ==
          ClientKind::chrome);
    CHECK(recognise_client("Dalvik/2.1.0 (Linux; U; Android 14)", {}) == ClientKind::android);
    CHECK(recognise_client("", grease) == ClientKind::chrome);
    CHECK(recognise_client("", {}) == ClientKind::unknown);
}

TEST_CASE("the order of the cipher suites tells OpenSSL, Node, GnuTLS, Firefox, Java and Go apart") {
    const auto of = [](std::vector<std::uint16_t> ciphers, std::vector<std::uint16_t> groups = {}) {
        tls::ClientHello hello;
        hello.ciphers = std::move(ciphers);
        hello.groups = std::move(groups);
        return recognise_client("", hello);
    };
    CHECK(of({0x1302, 0x1303, 0x1301, 0xc02c}) == ClientKind::openssl);
    CHECK(of({0x1301, 0x1303, 0x1302, 0xc02b}, {0x001d, 0x0100}) == ClientKind::firefox);
    CHECK(of({0x1302, 0x1301, 0x1303, 0xc02c}) == ClientKind::java);
    CHECK(of({0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0x1301, 0x1302, 0x1303}) == ClientKind::go);
    CHECK(of({0x1301}) == ClientKind::unknown);
    // As captured from Node 18, and from GnuTLS 3.7 (gnutls-cli, Git, Wget), with TLS 1.3 and
    // without.
    CHECK(of({0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e}) == ClientKind::node);
    CHECK(of({0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e, 0xc027}) == ClientKind::node);
    CHECK(of({0x1302, 0x1303, 0x1301, 0x1304, 0xc02c, 0xcca9, 0xc0ad, 0xc00a}) == ClientKind::gnutls);
    CHECK(of({0xc02c, 0xcca9, 0xc0ad, 0xc00a, 0xc02b}) == ClientKind::gnutls);
    CHECK(of({0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0xc02f}) == ClientKind::openssl);  // Python
}

TEST_CASE(
    "who leaves without a request likely distrusts us only when it looks at certificates late, or keeps leaving") {
    ClientAttempt attempt;
    attempt.host = "api.example.com";
    attempt.left_in_silence = true;
    CHECK_FALSE(likely_refused(attempt));
    attempt.hello.ciphers = {0x1302, 0x1303, 0x1301, 0xc02c, 0xc030};
    CHECK_FALSE(likely_refused(attempt));
    attempt.times_left = times_until_likely;
    CHECK(likely_refused(attempt));
    const Diagnosis often = explain_client(attempt);
    CHECK(often.code == Code::client_untrusted_ca);
    CHECK(often.problems.front().proof == Proof::likely);
    CHECK(often.title.contains("closed right after the handshake for api.example.com, without a request"));
    CHECK_FALSE(often.next_step.contains("Node"));
    attempt.trusts_elsewhere = true;
    CHECK_FALSE(likely_refused(attempt));
    attempt = {.left_in_silence = true, .user_agent = "axios/1.7"};
    CHECK(likely_refused(attempt));
    CHECK(explain_client(attempt).next_step.contains("NODE_EXTRA_CA_CERTS"));
    CHECK(closed_unused(attempt).outcome == Outcome::ok);
}

TEST_CASE("who says close_notify has left in order: of those that look late only Git does so when it refuses") {
    ClientAttempt attempt;
    attempt.host = "api.example.com";
    attempt.left_in_silence = true;
    const std::vector<std::uint16_t> of_node = {0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e},
                                     of_gnutls = {0xc02c, 0xcca9, 0xc0ad, 0xc00a};
    for (const auto& ciphers : {of_node, of_gnutls}) {
        attempt.hello.ciphers = ciphers;
        attempt.said_goodbye = false;
        CHECK(likely_refused(attempt));
        attempt.said_goodbye = true;  // socket.end() of a Node that trusts us, gnutls-cli </dev/null
        CHECK_FALSE(likely_refused(attempt));
    }
    attempt.user_agent = "git/2.39.5";
    CHECK(likely_refused(attempt));
    attempt.user_agent.clear();
    attempt.times_left = times_until_likely;
    CHECK(likely_refused(attempt));
    CHECK(explain_client(attempt).detail.contains("3 times"));  // and not by what it looks like
}

TEST_CASE("a client's alert inappropriate_fallback is quoted, not taken for a version") {
    ClientAttempt attempt;
    attempt.failure.kind = tls::FailureKind::alert;
    attempt.failure.alert_received = 86;
    const Diagnosis found = explain_client(attempt);
    CHECK(found.code == Code::client_closed);
    CHECK(found.title.contains("inappropriate_fallback"));
}
