// The messages of tests/data/messages, as programs printed them, and the cause that comes first;
// openssl.txt says how a line is written.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "inspect/diagnosis/known/causes.h"
#include "inspect/diagnosis/wording.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

struct Heard {
    std::string expected, text;
};

std::vector<Heard> heard_in(const std::filesystem::path& file) {
    std::vector<Heard> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto bar = line.find(" | ");
        if (line.starts_with('#') || bar == std::string::npos) continue;
        std::string text = replaced(replaced(replaced(line.substr(bar + 3), "\\\\", "\x01"), "\\n", "\n"), "\\t", "\t");
        all.push_back({line.substr(0, bar), replaced(text, "\x01", "\\")});
    }
    return all;
}

std::vector<Heard> heard() {
    std::vector<Heard> all;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(WHYTLS_SOURCE_DIR) / "tests/data/messages"))
        std::ranges::move(heard_in(file.path()), std::back_inserter(all));
    return all;
}

std::string found(const Causes& causes) { return causes.codes.empty() ? "" : std::string(name(causes.codes.front())); }

}  // namespace

TEST_CASE("what real programs print leads to its likeliest cause, and what is no message of TLS to none") {
    const std::vector<Heard> all = heard();
    REQUIRE(all.size() > 400);
    for (const Heard& one : all) {
        const Causes causes = causes_of(one.text);
        INFO(one.text << "\n  recognised: " << causes.message << " (" << causes.program
                      << ")\n  note: " << causes.note);
        if (one.expected == "-") {
            CHECK_FALSE(causes.recognised());
        } else if (one.expected.starts_with("note:")) {
            CHECK(found(causes).empty());
            CHECK(causes.note.contains(one.expected.substr(5)));
        } else {
            CHECK(found(causes) == one.expected);
        }
    }
}

TEST_CASE("a part of a message counts when it is a good half of it and not of common words only") {
    CHECK(found(causes_of("local issuer certificate")) == "missing_intermediate");
    CHECK(found(causes_of("wrong version")) == "not_tls");
    CHECK_FALSE(causes_of("certificate is not").recognised());
    CHECK_FALSE(causes_of("the name in").recognised());
}

TEST_CASE("rules that only some clients enforce are told with who does") {
    const Causes strict = causes_of("certificate verify failed: Missing Authority Key Identifier (_ssl.c:1032)");
    CHECK(found(strict) == "profile_violation");
    CHECK(strict.note.contains("Python 3.13"));
    CHECK(causes_of("x509: negative serial number").note.contains("Go 1.23"));
    const Causes underscore =
        causes_of("javax.net.ssl.SSLHandshakeException: Illegal given domain name: a_b.example.com");
    CHECK(found(underscore) == "profile_violation");
    CHECK(underscore.note.contains("underscore"));
    const Causes subject = causes_of(
        "javax.net.ssl.SSLHandshakeException: Failed to parse server certificates\nCaused by: "
        "java.security.cert.CertificateParsingException: X.509 Certificate is incomplete: SubjectAlternativeName extension MUST be marked "
        "critical when subject field is empty");
    CHECK(found(subject) == "profile_violation");
    CHECK(subject.note.contains("Java, and Python 3.13"));
    CHECK(causes_of("certificate verify failed: Subject empty and Subject Alt Name extension not critical").note ==
          subject.note);
    CHECK(causes_of("SEC_ERROR_REUSED_ISSUER_AND_SERIAL").note.contains("Firefox"));
}

TEST_CASE("an error beside what is no server's fault is told with it") {
    const Causes both =
        causes_of("Host key verification failed.\ncurl: (60) SSL certificate problem: certificate has expired\n");
    REQUIRE(both.others.size() == 1);
    CHECK((both.note.empty() ? both.others.front() : both).note.contains("SSH"));
}

TEST_CASE("our own codes are known as ours in every form that they are written in") {
    for (const std::string_view text :
         {"api.corp.test:8443: the certificate is genuine, but it is for *.a.test [hostname_mismatch]",
          "2026-11-29 11:52:57 ERROR 502: hostname_mismatch: The certificate is genuine",
          "HTTP/1.1 502 hostname_mismatch: The certificate", "502 hostname_mismatch",
          "GET https://api.corp.test/ [502 hostname_mismatch: The certificate is genuine, 4.1kB, 16ms]",
          "GET https://api.corp.test/ 502 hostname_mismatch, 20 bytes in 3 ms",
          "Proxy-Status: whytls; error=tls_certificate_error; details=\"hostname_mismatch\"",
          R"({"report": 1, "type": "urn:whytls:hostname_mismatch"})",
          R"({"event":"request","status":502,"code":"hostname_mismatch"})"}) {
        const Causes causes = causes_of(text);
        INFO(text);
        CHECK(causes.codes == std::vector{Code::hostname_mismatch});
        CHECK(causes.program == "whytls");
    }
    CHECK(causes_of("api.corp.test:8443: it is for *.a.test [hostname_mismatch]").host == "api.corp.test:8443");
    CHECK(causes_of("api.corp.test:443: it expired [expired]").host == "api.corp.test");
    const Causes both = causes_of("a.test:443: x [expired]\nb.test:443: y [dns_not_found]\na.test:443: x [expired]\n");
    REQUIRE(both.others.size() == 1);
    CHECK(found(both.others.front()) == "dns_not_found");
    // Erlang's word, and a code of another program.
    CHECK(causes_of("{error,{tls_alert,{unknown_ca,\"TLS client: In state certify\"}}}").program != "whytls");
    CHECK(causes_of("error code: self_signed").program != "whytls");
}

TEST_CASE("the host that a text tells of is found with its port") {
    const auto host = [](std::string_view text) { return causes_of(text).host; };
    CHECK(
        host(
            "HTTPSConnectionPool(host='api.corp.test', port=22012): Max retries exceeded with url: /x (Caused by "
            "SSLError(SSLCertVerificationError(1, "
            "'[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)')))") ==
        "api.corp.test:22012");
    CHECK(host("Error: certificate has expired\n  host: 'api.corp.test',\n  port: 22012,\n") == "api.corp.test:22012");
    CHECK(
        host("Error: connect ECONNREFUSED 127.0.0.1:22012\n  errno: -111,\n  address: '127.0.0.1',\n  port: 22012\n") ==
        "127.0.0.1:22012");
    CHECK(host("curl: (7) Failed to connect to api.corp.test port 22012 after 2 ms: Couldn't connect to server") ==
          "api.corp.test:22012");
    CHECK(host("curl: (7) Failed to connect to api.corp.test port 443 after 2 ms: Couldn't connect to server") ==
          "api.corp.test");
    CHECK(
        host(
            "connect to 127.0.0.1 port 22012 failed: Connection refused\nFailed to connect to api.corp.test (127.0.0.1) port 22012 "
            "after 1 ms") == "api.corp.test:22012");
}

TEST_CASE(
    "git's word for a CA that is not trusted has the causes of wget's, and fetch's says where its reason stands") {
    const auto has = [](const Causes& causes, Code code) {
        return std::ranges::find(causes.codes, code) != causes.codes.end();
    };
    const Causes git = causes_of(
        "fatal: unable to access 'https://api.corp.test/x.git/': server certificate verification failed. CAfile: "
        "/etc/ssl/certs/ca-certificates.crt CRLfile: none");
    for (const Code code :
         {Code::client_untrusted_ca, Code::unknown_issuer, Code::self_signed, Code::missing_intermediate})
        CHECK(has(git, code));
    const Causes fetch = causes_of("TypeError: fetch failed\n    at node:internal/deps/undici/undici:12500:13");
    CHECK(has(fetch, Code::dns_not_found));
    CHECK(has(fetch, Code::connection_timeout));
    CHECK(fetch.note.contains("error.cause"));
}
